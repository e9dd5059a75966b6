"""The table stops an account while the policy service is away, and what somebody changes in it is put right."""
import os
import signal

from people import Client

CARLA, FRIDA = "carla@westfeld.example", "frida@westfeld.example"
# How Postfix begins its reply tells who refused.
POLICY_SERVICE, TABLE = "Sender address rejected", "SASL login name rejected"


def in_one_session(stack, say):
    """A suspension in the middle of an SMTP session; then the service dies, and the table goes on alone."""
    with Client(CARLA) as session:
        # From here on this session's smtpd keeps its connection to the policy service, and to the table.
        assert session.mail_to("eins@gross.example") == (250, "")
        stack.sperrwerk("suspend", CARLA, "--reason", "asked by phone")
        stack.wait(lambda: stack.entry("stopped", CARLA).startswith("REJECT"), "table")
        with Client(CARLA) as other:
            stack.wait(lambda: POLICY_SERVICE in other.mail_to("zwei@gross.example")[1], "policy service's word")
        stack.stop_sperrwerk(signal.SIGKILL)
        code, reply = session.mail_to("drei@gross.example")
        assert code == 554 and TABLE in reply and "Sending is suspended" in reply, (code, reply)
    stack.start_sperrwerk()
    stack.restore(CARLA, "it was a test")
    say("suspended within one SMTP session, and the service killed: its next mail is refused, by the table")


def no_answer(stack, say):
    """Where nobody can ask the policy service, the read-back says so; the table refuses all the same."""
    os.rename(stack.path("policy"), stack.path("policy.away"))
    stack.sperrwerk("suspend", FRIDA, "--reason", "asked by phone")
    stack.wait(lambda: stack.entry("stopped", FRIDA).startswith("REJECT"), "table")
    stack.wait(lambda: stack.seen(FRIDA, "does not answer"), "a failed read-back")
    os.rename(stack.path("policy.away"), stack.path("policy"))
    stack.restore(FRIDA, "it was a test")
    say("a policy service that nobody reaches: the case says that it did not answer")


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
    assert code == 554 and TABLE in reply and "Sending is suspended" in reply, (code, reply)
    with Client(neighbour) as friend:
        assert friend.mail_to("freund@gross.example") == (250, "")
    stack.start_sperrwerk()
    steps = [step["action"] for step in stack.case_of(who)["steps"]]
    assert steps.count("suspend") == 1, steps
    say("with the service killed the table goes on refusing, the neighbour sends; after the restart the "
        "case is known")
