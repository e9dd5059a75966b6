"""A guessed password: 300 mails with forged senders from many addresses."""
import time

from neighbours import receives
from people import Client

DORA = "dora@suedlicht.example"


def spam(stack, who, count=300, mark="opfer", pause=0.02):
    """The thief's run: how many were taken, the first refusal's time and text."""
    taken, refused, reply = 0, None, ""
    for number in range(count):
        with Client(who, f"198.51.100.{number % 40 + 1}") as thief:
            domain = "langsam" if number % 5 == 4 else f"ziel{number % 9}"
            name = "locker" if number % 7 == 6 else mark
            code, said = thief.mail_to(f"{name}{number}@{domain}.example", "SPAM",
                                       sender=f"forged{number}-{mark}@bank.example")
        if code == 250:
            assert refused is None, f"taken again after a refusal: mail {number}"
            taken += 1
            time.sleep(pause)
        else:
            assert code == 554 and "Sending is suspended" in said, (code, said)
            refused, reply = refused or time.time(), said
    return taken, refused, reply


def hijack(stack, say):
    old_session = Client(DORA)
    assert old_session.mail_to("oma@gross.example") == (250, "")
    assert old_session.mail_to("tante@langsam.example") == (250, "")
    stack.world.first_refusal = None
    taken, refused, _ = spam(stack, DORA)
    out = sum(1 for who in stack.world.accepted if who.startswith("locker"))
    after = refused - stack.world.first_refusal
    say(f"300 spam mails: refused {after:.2f} s after the first rejection; {taken} handed over, "
        f"{out} reached the world")
    assert after < 15 and taken < 60
    code, reply = old_session.mail_to("oma@gross.example")
    assert code == 554, (code, reply)
    say("the session that was open before is refused at its next mail")
    receives(stack, DORA)
    say("the suspended account receives, and IMAP shows it")
    stack.wait(lambda: stack.seen(DORA, "the policy service answers REJECT"), "read-back")
    assert stack.seen(DORA, "read back from"), stack.case_of(DORA)
    tried = stack.case_of(DORA)["still_tried"]
    assert sum(one["count"] for one in tried) > 100, tried
    assert any(one["address"].startswith("198.51.100.") for one in tried), tried
    say("its case tells what was seen in table and policy service, and who is still trying")
