"""The customer's whole way: the link in the contact's mail, the form in Chromium, a new password, mail that goes out."""
import imaplib
import re
import shutil
import time
import urllib.error
import urllib.request

from browser import PHONE, Browser
from mailconf import IMAP
from people import PASSWORD
from postbox import notices, well_formed
from way import ANNA, CARLA, LINK, number_of, renewed, sends, spam, state, told_of_end


def is_ended(session):
    """Whether the server has closed it."""
    try:
        session.noop()
        return False
    except (imaplib.IMAP4.abort, OSError):
        return True


def sessions_end(stack, say):
    """A thief who reads the mailbox is put out; who logs in anew reads mail as before."""
    thief = imaplib.IMAP4("127.0.0.1", IMAP)
    thief.login(CARLA, PASSWORD)
    neighbour = imaplib.IMAP4("127.0.0.1", IMAP)
    neighbour.login(ANNA, PASSWORD)
    assert not is_ended(thief)
    spam(CARLA, "198.51.100.70")
    stack.wait(lambda: is_ended(thief), "the end of the open session")
    stack.wait(lambda: stack.seen(CARLA, "open sessions were ended"), "the end of sessions in the case")
    assert not is_ended(neighbour), "the neighbour's session was ended too"
    neighbour.logout()
    notices(CARLA)
    say("the suspended account's open IMAP session is ended, a new one reads; the neighbour's goes on")


def link_of(stack):
    """The link that the contact got; the notices to both are in English."""
    stack.wait(lambda: notices(CARLA, CARLA) and notices(ANNA, CARLA), "notices")
    own, outside = notices(CARLA, CARLA)[0], notices(ANNA, CARLA)[0]
    inside, parts = well_formed(own, "en"), well_formed(outside, "en")
    assert own["Subject"] == outside["Subject"] == f"Sending is suspended: {CARLA}", own["Subject"]
    for text in [*inside.values(), *parts.values()]:
        assert f"we have stopped the sending of mail by {CARLA} on " in text, text
    assert all("/r/" not in text and "http" not in text for text in inside.values()), inside
    return re.search(re.escape(LINK) + r"[^\s\"<]+", parts["text/plain"]).group(0)


def asked(link, method, body=None):
    request = urllib.request.Request(link, body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def form(stack, say):
    sessions_end(stack, say)
    link, number = link_of(stack), number_of(stack, CARLA)
    stack.wait(lambda: state(stack, number)[0] == "notified", "state")
    before = state(stack, number)
    # What follows the links in mails, and what presses a button that it was never shown.
    assert [asked(link, "GET"), asked(link, "HEAD")] == [200, 200]
    assert asked(link, "POST", b"check=guessed") in (400, 403)
    time.sleep(1)
    assert state(stack, number) == before, "a link scanner has reported"
    say("a link scanner that follows the link in the contact's mail changes nothing")
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        say("skipped: the customer's form needs chromium; 'make install-servers' installs it")
        return
    with Browser(PHONE, javascript=False) as browser:
        browser.open(link)
        browser.shows("Sending is stopped")
        browser.shows(CARLA)
        browser.press("button.main")
        browser.shows("Thank you, we are checking")
        stack.wait(lambda: state(stack, number)[0] == "reported", "the report in the case")
        time.sleep(2)
        assert not sends(CARLA), "opened without a renewal"
        began = time.time()
        renewed(stack, CARLA)
        stack.wait(lambda: sends(CARLA), "the customer sends again", 10)
        after = time.time() - began
        browser.open(link)
        browser.shows("Sending is open again")
    assert state(stack, number)[1].count("restore") == 1, state(stack, number)
    stack.wait(lambda: stack.seen(CARLA, "the policy service answers DUNNO"), "read-back of the opening")
    told_of_end(stack, CARLA)
    for who in (CARLA, ANNA):
        stack.wait(lambda: notices(who, f"Sending is open again: {CARLA}"), "restored notices")
        well_formed(notices(who, f"Sending is open again: {CARLA}")[0], "en")
    say(f"reported on the form in Chromium before the renewal: still refused; mail is taken {after:.1f} s after it")
