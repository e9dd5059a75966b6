"""Held mail when a renewal is verified: it stays and staff hear of it, goes out, or is deleted."""
import time

from people import Client
from way import ANNA, GUSTAV, HANNA, HOME, INGA, number_of, renewed, report, sends, spam, state

KEPT, DELETED, RELEASED = GUSTAV, HANNA, INGA
NEIGHBOUR = "freund-von-anna@langsam.example"


def aunt(who):
    return f"tante-von-{who.split('@')[0]}@langsam.example"


def of(stack, who):
    """Ids and places of what is queued of an account: its own mail, and what the thief sent through it."""
    name = who.split("@")[0]
    return {message["queue_id"]: message["queue_name"] for message in stack.queue()
            if message["sender"] == f"bank-{name}@bank.example"
            or message["recipients"][0]["address"] == aunt(who)}


def neighbours(stack):
    return {message["queue_id"]: message["queue_name"] for message in stack.queue()
            if message["recipients"][0]["address"] == NEIGHBOUR}


def stopped(stack, *accounts):
    """All suspended for spam, with deferred mail of their own and of the thief, all of it on hold."""
    for number, who in enumerate(accounts):
        with Client(who, HOME) as customer:
            assert customer.mail_to(aunt(who)) == (250, "")
        spam(who, f"198.51.100.{number + 81}")
    # What was in the content filter just then is held ten seconds later.
    for who in accounts:
        stack.wait(lambda: len(of(stack, who)) > 1 and set(of(stack, who).values()) == {"hold"},
                   f"held mail of {who}")

    def settled():
        before = [of(stack, who) for who in accounts]
        time.sleep(1)
        return before == [of(stack, who) for who in accounts]
    stack.wait(settled, "the end of what was in the filter")
    return [of(stack, who) for who in accounts]


def verified(stack, who):
    """The way back by a report and a time stamp, and nobody's word."""
    number = number_of(stack, who)
    report(stack, number)
    time.sleep(1.1)
    renewed(stack, who)
    stack.wait(lambda: state(stack, number)[0] == "restored", f"verified restore of {who}")
    assert "verified" in state(stack, number)[1], state(stack, number)
    stack.wait(lambda: sends(who), f"{who} sends again")


def held_mail(stack, say, receiver):
    with Client(ANNA, HOME) as neighbour:
        assert neighbour.mail_to(NEIGHBOUR) == (250, "")
    stack.wait(lambda: set(neighbours(stack).values()) == {"deferred"}, "the neighbour's deferred mail")
    hers = neighbours(stack)
    kept, deleted, released = stopped(stack, KEPT, DELETED, RELEASED)

    stack.change_settings("queue:\n", "queue:\n  after_restore: keep\n")
    verified(stack, KEPT)
    stack.wait(lambda: receiver.tells(KEPT, "stay on hold"), "the operator's alert")
    assert of(stack, KEPT) == kept

    stack.change_settings("after_restore: keep", "after_restore: delete")
    verified(stack, DELETED)
    stack.wait(lambda: not of(stack, DELETED), f"{len(deleted)} deleted messages")
    assert (of(stack, KEPT), of(stack, RELEASED), neighbours(stack)) == (kept, released, hers)

    stack.change_settings("after_restore: delete", "after_restore: release")
    # It is tried at once, while the neighbour's waits for its next turn as before.
    stack.world.is_slow = False
    verified(stack, RELEASED)
    stack.wait(lambda: not of(stack, RELEASED), "the released mail's try")
    stack.wait(lambda: aunt(RELEASED) in stack.world.accepted, "the released mail")
    assert not {aunt(KEPT), aunt(DELETED)} & set(stack.world.accepted)
    assert (of(stack, KEPT), neighbours(stack)) == (kept, hers)
    stack.world.is_slow = True
    say(f"verified, with mail on hold: {len(kept)} kept and told, {len(deleted)} deleted, {len(released)} let go; "
        "the neighbour's is untouched")
