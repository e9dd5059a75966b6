"""100,000 queued messages, of which 5,000 are one account's: on hold within 10 seconds."""
import subprocess
import threading
import time

from mailconf import BULK
from people import Client

DORA = "dora@suedlicht.example"
OTHERS, HERS = 95_000, 5_000


def others(stack):
    subprocess.run(
        ["smtp-source", "-s", "20", "-m", str(OTHERS), "-l", "300", "-f", "liste@firma.example",
         "-t", "leser@voll.example", f"127.0.0.1:{BULK}"], check=True)


def hers(part):
    for number in range(part):
        if number % 90 == 0:
            session = Client(DORA)
        assert session.mail_to(f"leser{number}@voll.example") == (250, "")


def full_queue(stack, say):
    before = len(stack.queue())
    start = time.time()
    threads = [threading.Thread(target=hers, args=(HERS // 4,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    others(stack)
    for thread in threads:
        thread.join()
    say(f"{OTHERS + HERS} messages handed over in {time.time() - start:.0f} s")
    stack.wait(lambda: len(stack.queue()) >= before + OTHERS + HERS, "the queue", 600)
    stack.wait(lambda: not any(m["queue_name"] in ("incoming", "active") for m in stack.queue()),
               "a quiet queue", 600)
    held = len(stack.held())
    listed = time.time()
    lines = [one for one in stack.queued_of(DORA) if one["address"].endswith("@voll.example")]
    assert len(lines) == HERS, len(lines)
    say(f"her {HERS} are listed in {time.time() - listed:.1f} s")
    start = time.time()
    stack.sperrwerk("suspend", DORA, "--reason", "to see how fast")
    stack.wait(lambda: stack.seen(DORA, "queued messages held"), "held queue", 120)
    after = time.time() - start
    on_hold = stack.held()
    assert len(on_hold) >= held + HERS, len(on_hold)
    assert all(m["sender"] != "liste@firma.example" for m in on_hold), "somebody else's mail is held"
    say(f"{HERS} of {OTHERS + HERS} queued messages are on hold {after:.1f} s after the order")
    assert after < 10, after
