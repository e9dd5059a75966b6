"""One mailbox: who is told, what a thief who reads it can do, and a relapse."""
import time

from postbox import mails, notices, well_formed
from way import ANNA, DORA, LINK, THIEF, number_of, renewed, report, sends, spam, state, told_of_end


def told(stack, say):
    """The mailbox without a link, a contact in another customer's mailbox with one."""
    spam(DORA, THIEF)
    stack.wait(lambda: notices(DORA) and notices(ANNA), "notices")
    own, outside = notices(DORA)[0], notices(ANNA)[0]
    inside, parts = well_formed(own, "de"), well_formed(outside, "de")
    assert own["Subject"] == outside["Subject"] == f"Versand gesperrt: {DORA}", own["Subject"]
    assert all("/r/" not in text and "http" not in text for text in inside.values())
    assert all(LINK in text for text in parts.values()), parts
    assert "198.51.100.0/24" in parts["text/plain"]
    for text in [*inside.values(), *parts.values()]:
        assert f"wir haben den Versand für {DORA} am " in text and "Wählen Sie auf einem sauberen Gerät" in text, text
    number = number_of(stack, DORA)
    stack.wait(lambda: state(stack, number)[0] == "notified", "state")
    say("the mailbox is told without a link, the contact outside with one, in German and valid MIME")


def thief_at_work(stack, say):
    """He reads the mailbox and changes the password from where he sits."""
    number = number_of(stack, DORA)
    assert not any("/r/" in mail.as_string() for mail in mails(DORA))
    renewed(stack, DORA, THIEF)
    stack.wait(lambda: "unverified" in state(stack, number)[1], "refused change")
    report(stack, number)
    time.sleep(1.1)
    renewed(stack, DORA, "192.0.2.99")
    stack.wait(lambda: "verified" in state(stack, number)[1], "verified")
    time.sleep(1)
    assert "restore" not in state(stack, number)[1]
    assert not sends(DORA, THIEF)
    say("a thief who changes the password himself opens nothing: staff must")
    stack.sperrwerk("restore", DORA, "--reason", "spoken to by phone")
    stack.wait(lambda: len(notices(DORA)) == 2 and len(notices(ANNA)) == 2, "restored notices")
    assert notices(DORA)[1]["Subject"] == f"Versand wieder frei: {DORA}"
    stack.wait(lambda: sends(DORA), "the customer sends again")


def relapse(stack, say, receiver):
    first = number_of(stack, DORA)
    spam(DORA, "198.51.100.67")
    stack.wait(lambda: number_of(stack, DORA) != first, "another case")
    number = number_of(stack, DORA)
    stack.wait(lambda: state(stack, number)[0] == "notified", "told of the relapse")
    time.sleep(1.1)
    renewed(stack, DORA)
    report(stack, number)
    stack.wait(lambda: "verified" in state(stack, number)[1], "verified relapse")
    stack.wait(lambda: receiver.tells(DORA, "a relapse within the probation"), "the operator's alert")
    assert receiver.tells(DORA, "staff must restore"), receiver.alerts
    time.sleep(1)
    assert "restore" not in state(stack, number)[1] and not sends(DORA)
    say("a relapse is verified, opens nothing, and the operator hears that staff must")
    stack.sperrwerk("restore", DORA, "--reason", "the machine was cleaned")
    stack.wait(lambda: "restore" in state(stack, number)[1], "restored by staff")
    told_of_end(stack, DORA)
