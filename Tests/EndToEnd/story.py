"""A hijacked login on a real mail system, from the first refusal to the restored sending.

Needs root, Postfix with lmdb and Dovecot; leaves nothing behind. Usage: story.py SPERRWERK
"""
import imaplib
import json
import os
import signal
import smtplib
import sys
import time

from stack import IMAP, INCOMING, PASSWORD, Client, Stack

VICTIM = "dora@suedlicht.example"
NEIGHBOUR = "anna@nordwind.example"


def say(text):
    print(f"  {text}", flush=True)


def inbox(who):
    with imaplib.IMAP4("127.0.0.1", IMAP) as imap:
        imap.login(who, PASSWORD)
        return int(imap.select("INBOX", readonly=True)[1][0])


def receives(stack, who):
    """Mail from outside reaches the mailbox, and IMAP shows it."""
    before = inbox(who)
    with smtplib.SMTP("127.0.0.1", INCOMING) as outside:
        outside.sendmail("kunde@aussen.example", [who], "Subject: hallo\r\n\r\nhallo\r\n")
    stack.wait(lambda: inbox(who) > before, f"incoming mail of {who}")


def examined(stack):
    """doctor finds nothing wrong, and finds what is made wrong."""
    found = json.loads(stack.sperrwerk("doctor", "--format", "json", check=False).stdout)
    # The machine's clock and resolver are not the stack's.
    faults = [f for f in found if f["state"] == "fault" and f["area"] not in ("clock", "dns")]
    assert not faults, faults
    assert any(f["area"] == "policy_service" and f["state"] == "well" for f in found), found
    master = open(stack.path("postfix/master.cf")).read()
    for wrong, says in [
        (master.replace("smtpd_sender_restrictions=$mua_sender_restrictions",
                        "smtpd_sender_restrictions=permit_sasl_authenticated,$mua_sender_restrictions"),
         "asks the table before any permit"),
        (master.replace("-o smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions", ""),
         "asks again at the end of data"),
    ]:
        stack.write("postfix/master.cf", wrong)
        ill = stack.sperrwerk("doctor", check=False)
        assert ill.returncode == 1 and any(
            line.startswith("FAULT") and says in line for line in ill.stdout.splitlines()), ill.stdout
    stack.write("postfix/master.cf", master)
    say("doctor finds the stack well, and a wrong order of restrictions and a missing question wrong")


def story(stack):
    examined(stack)
    neighbour, old_session = Client(NEIGHBOUR), Client(VICTIM)
    assert neighbour.mail_to("freund@gross.example") == (250, "")
    assert neighbour.mail_to("freund@langsam.example") == (250, "")
    assert old_session.mail_to("oma@gross.example") == (250, "")

    sent = 0
    for number in range(300):
        with Client(VICTIM, f"198.51.100.{number % 40 + 1}") as thief:
            domain = "langsam" if number % 5 == 4 else f"ziel{number % 9}"
            code, reply = thief.mail_to(
                f"{'locker' if number % 7 == 6 else 'opfer'}{number}@{domain}.example", "SPAM",
                sender=f"forged{number}@bank.example")
        if code != 250:
            break
        sent += 1
        time.sleep(0.02)
    refused = time.time()
    assert code == 554 and "Sending is suspended" in reply, (code, reply)
    after = refused - stack.world.first_refusal
    out = sum(1 for who in stack.world.accepted if who.startswith("locker"))
    say(f"refused {after:.2f} s after the first rejection; {sent} of 300 handed over, {out} reached the world")
    assert after < 15 and sent < 60

    code, reply = old_session.mail_to("oma@gross.example")
    assert code == 554, (code, reply)
    say("the session that was open before is refused at its next mail")

    receives(stack, VICTIM)
    say("the suspended account receives, and IMAP shows it")
    assert neighbour.mail_to("freund@gross.example") == (250, "")
    receives(stack, NEIGHBOUR)
    say("the neighbour sends and receives")

    def held():
        return [m for m in stack.queue() if m["queue_name"] == "hold"]
    deferred = [m for m in stack.queue() if m["sender"].startswith("forged")]
    stack.wait(lambda: len(held()) == len(deferred) > 0, "held queue")
    assert all(m["sender"].startswith("forged") for m in held())
    assert any(m["queue_name"] == "deferred" for m in stack.queue())
    say(f"{len(held())} queued messages of the thief are held, the neighbour's is not")

    listed = json.loads(
        stack.sperrwerk("queue", "list", VICTIM, "--format", "json").stdout)["messages"]
    assert len(listed) == len(deferred)
    assert all("try again later" in m["recipients"][0]["reply"] for m in listed)
    stack.sperrwerk("queue", "delete", VICTIM, "--reason", "spam")
    stack.sperrwerk("queue", "keep", VICTIM, "--reason", "a mistake")
    time.sleep(3)
    assert len(held()) == len(deferred)
    stack.sperrwerk("queue", "release", VICTIM, "--reason", "looked at")
    stack.wait(lambda: not held(), "release")
    assert stack.postfix("postsuper", "-h", "ALL").returncode == 0
    stack.sperrwerk("queue", "delete", VICTIM, "--reason", "spam")
    stack.wait(lambda: not [m for m in stack.queue() if m["sender"].startswith("forged")], "deletion")
    assert any(r["address"] == "freund@langsam.example"
               for m in stack.queue() for r in m["recipients"])
    stack.postfix("postsuper", "-H", "ALL")
    say("listed, kept, released, deleted when its time had come; the neighbour's mail is untouched")

    stack.service.send_signal(signal.SIGKILL)
    stack.service.wait()
    with Client(VICTIM) as thief:
        code, reply = thief.mail_to("opfer@ziel1.example", "SPAM")
    assert code == 554 and "Sending is suspended" in reply, (code, reply)
    with Client(NEIGHBOUR) as friend:
        assert friend.mail_to("freund@gross.example") == (250, "")
    say("with the service killed the table goes on refusing, and the neighbour sends")

    stack.write("stopped", "")
    stack.postfix("postmap", f"lmdb:{stack.path('stopped')}")
    stack.start_sperrwerk()
    stack.wait(lambda: "REJECT" in stack.postfix(
        "postmap", "-q", VICTIM, f"lmdb:{stack.path('stopped')}", check=False).stdout, "table")
    say("a table that somebody emptied is right again after the start")
    assert f"#1 suspended {VICTIM}" in stack.sperrwerk("cases").stdout
    stack.sperrwerk("restore", VICTIM, "--reason", "the customer renewed the password")
    stack.wait(lambda: "no entry in" in stack.sperrwerk(
        "case", "1", "--format", "json").stdout, "restored table")
    with Client(VICTIM) as customer:
        assert customer.mail_to("oma@gross.example") == (250, "")
    say("after the restart the case is known; restored, the customer sends again")

    stack.sperrwerk("hold", VICTIM, "--reason", "to see")
    with Client(VICTIM) as customer:
        assert customer.mail_to("gehalten@gross.example") == (250, "")
    stack.wait(lambda: any(r["address"] == "gehalten@gross.example" for m in held()
                           for r in m["recipients"]), "held mail")
    say("on hold, mail is accepted and kept back")


def main():
    if os.geteuid() != 0:
        print("skipped: the end-to-end story needs root")
        return
    stack = Stack(os.path.abspath(sys.argv[1]))
    try:
        stack.start()
        story(stack)
        print("the story holds")
    except BaseException:
        for name in ("sperrwerk.log", "mail.log"):
            if os.path.exists(stack.path(name)):
                print(f"--- {name}")
                print("".join(open(stack.path(name)).readlines()[-25:]))
        raise
    finally:
        stack.stop()


main()
