"""Where a story is played: as root, on a stack of its own that leaves nothing behind."""
import os
import sys
import time

from people import is_root
from stack import Stack


def own_name_space():
    """Begins anew where mounts are ours alone."""
    if os.environ.get("STORY_HAS_ITS_NAME_SPACE") != "1":
        os.environ["STORY_HAS_ITS_NAME_SPACE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              *sys.argv])


def play(story, name):
    """The program to be tried is the first argument; where the story breaks off, the ends of the logs are shown."""
    if not is_root():
        print(f"skipped: {name} needs root")
        return
    own_name_space()
    start = time.time()
    stack = Stack(os.path.abspath(sys.argv[1]))
    try:
        stack.start()
        story(stack)
        print(f"{name} holds ({time.time() - start:.0f} s)")
    except BaseException:
        for log in ("sperrwerk.log", "mail.log"):
            if os.path.exists(stack.path(log)):
                print(f"--- {log}")
                print("".join(open(stack.path(log), errors="replace").readlines()[-40:]))
        raise
    finally:
        stack.stop()
