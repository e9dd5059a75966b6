"""A second thief, while the service is killed again and again: no case is lost and none is twice."""
import random
import signal
import threading
import time

from chapter_hijack import spam

ERIK = "erik@suedlicht.example"


def kills(stack, say, count):
    dice = random.Random(20261124)
    seen = {}

    def thief():
        seen["run"] = spam(stack, ERIK, count=150, mark="beute", pause=0.05)
    running = threading.Thread(target=thief, daemon=True)
    running.start()
    for _ in range(count):
        time.sleep(dice.uniform(0.05, 0.8))
        stack.stop_sperrwerk(signal.SIGKILL)
        stack.start_sperrwerk()
    running.join(120)
    taken, refused, _ = seen["run"]
    assert refused, f"all of {taken} were taken"
    stack.wait(lambda: stack.seen(ERIK, "REJECT"), "read-back")
    steps = [step["action"] for step in stack.case_of(ERIK)["steps"]]
    assert steps.count("suspend") == 1, steps
    cases = [one for one in stack.ask("cases", "--all") if one["subject"] == ERIK]
    assert len(cases) == 1, cases
    his = [m for m in stack.queue() if "beute" in m["sender"]]
    stack.wait(lambda: all(m["queue_name"] == "hold" for m in stack.queue()
                           if "beute" in m["sender"]), "held queue")
    say(f"killed {count} times in a run of spam: {taken} taken, one case, suspended once, "
        f"{len(his)} queued messages held")
