"""What the thief has queued, behind the content filter: held, listed, kept, deleted, let go; and nobody else's."""
import time

from chapter_hijack import DORA
from people import Client

ERIK = "erik@suedlicht.example"


def is_spam(message):
    return message["sender"].startswith("forged")


def queued_by_dora(stack):
    """The thief's deferred mail, and the customer's own."""
    return [m for m in stack.queue()
            if is_spam(m) or any(r["address"] == "tante@langsam.example" for r in m["recipients"])]


def held_by_dora(stack):
    """All that is queued of her, once all of it is on hold; nobody else's may be."""
    def ids(messages):
        return {message["queue_id"] for message in messages}
    stack.wait(lambda: ids(stack.held()) == ids(queued_by_dora(stack)), "her messages on hold")
    return stack.held()


def queue(stack, say):
    hers = held_by_dora(stack)
    assert len(hers) > 1
    assert any(m["queue_name"] == "deferred" for m in stack.queue()), "the neighbour's is gone"
    say(f"{len(hers)} queued messages are held, the neighbour's is not")

    listed = stack.queued_of(DORA)
    assert len(listed) == len(hers), listed
    assert all("try again later" in one["reply"] for one in listed), listed
    stack.sperrwerk("queue", "delete", DORA, "--reason", "spam")
    stack.sperrwerk("queue", "keep", DORA, "--reason", "a mistake")
    time.sleep(4)
    assert len(stack.held()) == len(hers)
    say("listed with recipients and replies; deleted, and kept in time")

    stack.sperrwerk("queue", "release", DORA, "--reason", "looked at")
    stack.wait(lambda: not stack.held(), "release")
    stack.postsuper("-h", [m["queue_id"] for m in hers])
    stack.sperrwerk("queue", "delete", DORA, "--reason", "spam")
    stack.wait(lambda: not queued_by_dora(stack), "deletion")
    assert any(r["address"] == "freund@langsam.example" for m in stack.queue()
               for r in m["recipients"]), "the neighbour's is gone"
    say("let go, and deleted when its time had come; the neighbour's mail is untouched")


def put_back(stack, say):
    """A message that gets a new id (`postsuper -r`) is still its sender's."""
    with Client(ERIK) as client:
        assert client.mail_to("onkel@langsam.example") == (250, "")

    def his():
        return [m["queue_id"] for m in stack.queue()
                if any(r["address"] == "onkel@langsam.example" for r in m["recipients"])]
    stack.wait(his, "erik's mail")

    def listed():
        return [m["id"] for m in stack.ask("queue", "list", ERIK)["messages"]
                if any(r["address"] == "onkel@langsam.example" for r in m["recipients"])]
    stack.wait(lambda: listed() == his(), "his mail in the list")
    old = his()[0]
    stack.postsuper("-r", [old])
    # A pickup that ends just then takes no kick: it is kicked until it has looked.
    stack.wait(lambda: stack.postfix("postkick", "public", "pickup", "W", check=False)
               and his() and his() != [old], "new id")
    stack.wait(lambda: listed() == his(), "the new id in the list")
    say("put back into the queue under a new id, a message is still its sender's")
