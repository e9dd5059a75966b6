"""Three mailboxes of one customer, a contact that refuses, and an account that nobody outside knows."""
import time

from postbox import mails, notices
from way import ANNA, BERND, CLARA, EMIL, FINN, number_of, renewed, report, sends, spam, state, told_of_end


def incident(stack, say):
    before = len(notices(ANNA))
    all_three = [CLARA, FINN, EMIL]
    for who in all_three:
        spam(who, "198.51.100.68")
    numbers = [number_of(stack, who) for who in all_three]
    stack.wait(lambda: all(state(stack, one)[0] == "notified" for one in numbers), "all told")
    stack.wait(lambda: len(notices(ANNA)) > before, "the next contact")
    stack.wait(lambda: stack.seen(EMIL, "weg@nordwind.example was refused"), "the bounce")
    say("a contact that refuses is followed by the next")
    assert not any("/r/" in mail.as_string() for who in all_three for mail in mails(who))
    report(stack, numbers[0])
    time.sleep(1.1)
    for number, who in zip(numbers, all_three[:2]):
        renewed(stack, who)
        stack.wait(lambda: "renewed" in state(stack, number)[1], f"renewal of {who}")
    time.sleep(1)
    assert not any(sends(who) for who in all_three)
    began = time.time()
    renewed(stack, EMIL)
    stack.wait(lambda: all("restore" in state(stack, one)[1] for one in numbers), "all restored")
    for who in all_three:
        stack.wait(lambda: sends(who), "sends again")
    say(f"an incident opens when its last mailbox is renewed, {time.time() - began:.1f} s after it")
    # Of the end the contact that refused is not asked again: there is another.
    for who in all_three:
        told_of_end(stack, who)
    refusals = [step for step in stack.case_of(EMIL)["steps"] if "was refused" in step["reason"]]
    assert len(refusals) == 1, refusals


def nobody_outside(stack, say, receiver):
    spam(BERND, "198.51.100.69")
    number = number_of(stack, BERND)
    stack.wait(lambda: receiver.tells(BERND, "no contact outside"), "alert")
    assert receiver.failures <= 0
    say(f"the operator hears by the signed webhook, after it had failed: {len(receiver.alerts)} alerts")
    stack.wait(lambda: any(
        "alert" in mail["Subject"] or "case" in mail["Subject"] for mail in mails(ANNA)
        if "Sperrwerk" in mail["From"]), "mail to the operator")
    stack.wait(lambda: state(stack, number)[0] == "notified", "told at all")
