"""The table stops an account while the policy service is away, and what somebody changes in it is put right."""
import os
import signal

from people import Client

CARLA = "carla@westfeld.example"


def in_one_session(stack, say):
    """A suspension in the middle of an SMTP session, with Postfix unable to ask the policy service."""
    session = Client(CARLA)
    assert session.mail_to("eins@gross.example") == (250, "")
    os.rename(stack.path("policy"), stack.path("policy.away"))
    assert session.mail_to("zwei@gross.example") == (250, "")
    stack.sperrwerk("suspend", CARLA, "--reason", "asked by phone")
    stack.wait(lambda: stack.entry("stopped", CARLA).startswith("REJECT"), "table")
    code, reply = session.mail_to("drei@gross.example")
    assert code == 554 and "Sending is suspended" in reply, (code, reply)
    stack.wait(lambda: stack.seen(CARLA, "does not answer"), "a failed read-back")
    os.rename(stack.path("policy.away"), stack.path("policy"))
    stack.restore(CARLA, "it was a test")
    say("suspended within one SMTP session while the policy service is away: the next mail is refused, "
        "and the case says that the service did not answer")


def overwritten(stack, say, who):
    """A panel writes its own table over ours."""
    stack.write("stopped", f"{who} OK\n")
    stack.postfix("postmap", f"lmdb:{stack.path('stopped')}")
    stack.wait(lambda: stack.entry("stopped", who).startswith("REJECT"), "a mended table")
    stack.wait(lambda: "was changed by somebody" in stack.read("sperrwerk.log"), "an alert")
    say("a table that somebody overwrote is seen, put right, and told")


def killed(stack, say, who, neighbour):
    stack.stop_sperrwerk(signal.SIGKILL)
    with Client(who) as thief:
        code, reply = thief.mail_to("opfer@ziel1.example", "SPAM")
    assert code == 554 and "Sending is suspended" in reply, (code, reply)
    with Client(neighbour) as friend:
        assert friend.mail_to("freund@gross.example") == (250, "")
    stack.start_sperrwerk()
    steps = [step["action"] for step in stack.case_of(who)["steps"]]
    assert steps.count("suspend") == 1, steps
    say("with the service killed the table goes on refusing, the neighbour sends; after the restart the "
        "case is known")
