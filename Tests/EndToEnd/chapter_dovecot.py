"""Who sends by Dovecot's own submission service is stopped by the same table and policy service."""
from neighbours import ANNA
from people import DOVECOT, Client

FRIDA = "frida@westfeld.example"


def dovecot_submission(stack, say):
    def mails_of(who):
        return stack.ask("explain", "--subject", who)["mails_today"]
    before = mails_of(FRIDA)
    with Client(FRIDA, port=DOVECOT) as session:
        assert session.mail_to("oma@gross.example") == (250, "")
        stack.wait(lambda: mails_of(FRIDA) == before + 1, "the mail as its sender's")
        stack.sperrwerk("suspend", FRIDA, "--reason", "a test of Dovecot's submission")
        stack.wait(lambda: stack.seen(FRIDA, "read back"), "the suspension")
        # Sessions are ended by doveadm where the settings name it; here the open one goes on, and is refused.
        code, text = session.mail_to("oma@gross.example")
        assert code == 554 and "Sending is suspended" in text, (code, text)
    with Client(FRIDA, port=DOVECOT) as session:
        assert session.mail_to("oma@gross.example")[0] == 554
    with Client(ANNA, port=DOVECOT) as neighbour:
        assert neighbour.mail_to("oma@gross.example") == (250, "")
    stack.restore(FRIDA, "the test is over", DOVECOT)
    say("by Dovecot's own submission service: refused in the open session and in new ones, the neighbour sends")
