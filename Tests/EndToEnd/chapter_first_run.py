"""What an admin sees at the first run is what samples/first-run.txt shows."""
import difflib
import os
import re

from stack import ROOT

SHOWN = os.path.join(ROOT, "samples/first-run.txt")
COMMANDS = ("init settings.new", "tables", "doctor")


def answer(stack, words):
    """What it prints, with the names that an installed service has."""
    name, *rest = words.split()
    done = stack.sperrwerk(name, *(stack.path(one) for one in rest), check=False,
                           has_settings=name != "init")
    return (done.stdout + done.stderr).replace(stack.path("settings.new"), "/etc/sperrwerk/sperrwerk.yaml")


def first_run(stack, say):
    text = "# The first run on a real Postfix and Dovecot.\n"
    for words in COMMANDS:
        text += f"\n$ sperrwerk {words.replace(' settings.new', '')}\n{answer(stack, words)}"
    text += "\n$ sperrwerk run\n" + re.match(r".*?ready:[^\n]*\n", stack.read("sperrwerk.log"), re.S)[0]
    text = text.replace(stack.folder, "/srv/mail")
    if "TEST_RECORD" in os.environ:
        with open(SHOWN, "w") as file:
            file.write(text)
    with open(SHOWN) as file:
        differences = list(difflib.unified_diff(lasting(file.read()), lasting(text), "shown", "seen", n=0))
    assert not differences, "\n".join(differences)
    say("the first run's commands print what samples/first-run.txt shows")


def lasting(text):
    """The lines without what differs from machine to machine: numbers, the clock, names, and what init finds."""
    text = re.sub(r"\n {7,}(->)? *", " ", text)
    text = re.sub(r"\$ sperrwerk init\n.*?\n\n", "", text, flags=re.S)
    return [re.sub(r"\d+", "0", line) for line in text.splitlines()
            if not re.search(r"NTP|clock|resolver|resolves|name server", line)]
