"""The support desk reads on the staff's page what is held, and lets it go."""
import shutil

from browser import Browser
from chapter_hijack import DORA
from chapter_queue import held_by_dora, queued_by_dora
from mailconf import STAFF_PAGE


def desk(stack, say):
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        say("skipped: the staff's page needs chromium; 'make install-servers' installs it")
        return
    hers = held_by_dora(stack)
    number = stack.case_of(DORA)["summary"]["number"]
    with Browser() as browser:
        browser.open(f"http://127.0.0.1:{STAFF_PAGE}/staff/login")
        browser.fill("#name", "lena")
        browser.fill("#password", "storm-surge")
        browser.press("button.main")
        browser.shows(DORA)
        browser.press(f"a[href='/staff/case/{number}']")
        browser.shows(f"{len(hers)} messages, {len(hers)} on hold.")
        browser.shows("tante@langsam.example")
        browser.shows("try again later")
        browser.press("#queue-action summary")
        browser.fill("#queue-reason", "the customer's own mail is among it")
        browser.press("button[value=queue-release]")
        browser.shows("messages released")
    stack.wait(lambda: not stack.held(), "release by the page")
    stack.postsuper("-h", [message["queue_id"] for message in queued_by_dora(stack)])
    say("the staff's page lists what is held, with recipients and replies, and lets it go")
