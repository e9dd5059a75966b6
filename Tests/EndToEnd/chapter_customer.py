"""All mailboxes of one customer are stopped by one order."""
from neighbours import ANNA, receives
from people import Client

CARLA, FRIDA, ERIK = "carla@westfeld.example", "frida@westfeld.example", "erik@suedlicht.example"


def customer(stack, say):
    order = ["suspend", "--customer", "Westfeld", "--reason", "asked by phone"]
    first = stack.sperrwerk(*order, check=False)
    assert "would suspend 2 mailboxes of Westfeld" in first.stdout + first.stderr, first
    with Client(CARLA) as session:
        assert session.mail_to("oma@gross.example") == (250, ""), "stopped without --yes"
    stack.sperrwerk(*order, "--yes")
    for who in (CARLA, FRIDA):
        stack.wait(lambda: stack.seen(who, "read back"), f"read-back of {who}")
        with Client(who) as session:
            code, text = session.mail_to("oma@gross.example")
            assert code == 554 and "Sending is suspended" in text, (code, text)
    # A customer of the same reseller, and one of another.
    for who in (ERIK, ANNA):
        with Client(who) as session:
            assert session.mail_to("oma@gross.example") == (250, "")
    receives(stack, CARLA)
    for who in (CARLA, FRIDA):
        stack.restore(who, "asked by phone")
    say("a whole customer stopped by one order: both mailboxes refused, one receives, the others send")
