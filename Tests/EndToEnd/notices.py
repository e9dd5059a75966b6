"""The way back on a real mail system: who is told, in which language, and who opens sending again.

Needs root, Postfix with lmdb and Dovecot; leaves nothing behind. Usage: notices.py SPERRWERK
"""
import email
import email.policy
import hashlib
import hmac
import http.server
import imaplib
import json
import os
import shutil
import socket
import threading
import time

import mailconf
from mailconf import IMAP
from people import PASSWORD, PEOPLE, Client, sites_table
from stack import ROOT, say
from stage import play

DORA, CLARA, EMIL, FINN = (f"{name}@suedlicht.example" for name in ("dora", "erik", "emil", "finn"))
ANNA, BERND = "anna@nordwind.example", "bernd@nordwind.example"
SECRET = "webhook-geheim-0123456789"
LINK = "https://mail.hoster.example/r/"
# The thief sits here; the mailboxes' own people elsewhere.
THIEF, HOME = "198.51.100.66", "203.0.113.5"


class Receiver(http.server.ThreadingHTTPServer):
    """The operator's webhook: fails at first, and then takes what is signed."""

    def __init__(self):
        self.alerts, self.failures = [], 2
        super().__init__(("127.0.0.1", 0), ReceiverSession)


class ReceiverSession(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = hmac.new(
            SECRET.encode(), self.headers["X-Sperrwerk-Time"].encode() + b"." + body, hashlib.sha256)
        is_ours = self.headers["X-Sperrwerk-Signature"] == "sha256=" + signed.hexdigest()
        if self.server.failures > 0 or not is_ours:
            self.server.failures -= 1
            self.send_response(500)
        else:
            self.server.alerts += json.loads(body)["alerts"]
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def mails(who, password=PASSWORD):
    """All mail of a mailbox, as Python's own parser reads it."""
    with imaplib.IMAP4("127.0.0.1", IMAP) as imap:
        imap.login(who, password)
        imap.select("INBOX", readonly=True)
        numbers = imap.search(None, "ALL")[1][0].split()
        return [
            email.message_from_bytes(imap.fetch(number, "(RFC822)")[1][0][1], policy=email.policy.default)
            for number in numbers]


def notices(who):
    return [mail for mail in mails(who) if mail["Auto-Submitted"] == "auto-generated"
            and "Sperrwerk" not in mail["From"]]


def well_formed(mail, language):
    defects = [d for part in mail.walk() for d in part.defects]
    defects += [d for _, value in mail.items() for d in getattr(value, "defects", [])]
    assert not defects, defects
    assert mail["Content-Language"] == language, mail["Content-Language"]
    assert mail["Return-Path"] in ("<>", None) and mail["Message-ID"] and mail["Date"].datetime
    parts = {part.get_content_type(): part.get_content() for part in mail.walk()
             if not part.is_multipart()}
    assert set(parts) == {"text/plain", "text/html"}, set(parts)
    return parts


def spam(stack, who, address, count=60):
    """Until it is refused."""
    for number in range(count):
        with Client(who, address) as thief:
            code, _ = thief.mail_to(
                f"opfer{number}@ziel{number % 9}.example", "SPAM", sender="bank@bank.example")
        if code != 250:
            return
        time.sleep(0.02)
    raise AssertionError(f"{who} was never refused")


def ask(stack, **request):
    """What the form asks of the service."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(stack.path("operators"))
        connection.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(connection.makefile().readline())


def renewed(stack, who, address=None):
    with open(stack.path("changes.log"), "a") as log:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        source = f" from {address}" if address else ""
        log.write(f"{stamp} panel[7]: password changed for {who}{source}\n")


def state(stack, number):
    found = json.loads(stack.sperrwerk("case", str(number), "--format", "json").stdout)
    return found["summary"]["state"], [step["action"] for step in found["steps"]]


def case_of(stack, who):
    listed = json.loads(stack.sperrwerk("cases", "--all", "--format", "json").stdout)
    listed = listed["cases"] if isinstance(listed, dict) else listed
    return max(one["number"] for one in listed if one["subject"] == who)


def told(stack):
    """One mailbox: the mailbox without a link, a contact in another customer's mailbox with one."""
    spam(stack, DORA, THIEF)
    stack.wait(lambda: notices(DORA) and notices(ANNA), "notices")
    own, outside = notices(DORA)[0], notices(ANNA)[0]
    parts = well_formed(own, "de")
    assert own["Subject"] == f"Versand gesperrt: {DORA}", own["Subject"]
    assert all("/r/" not in text and "http" not in text for text in parts.values())
    parts = well_formed(outside, "de")
    assert all(LINK in text for text in parts.values()), parts
    assert "198.51.100.0/24" in parts["text/plain"]
    number = case_of(stack, DORA)
    stack.wait(lambda: state(stack, number)[0] == "notified", "state")
    say("the mailbox is told without a link, the contact outside with one, in valid MIME")
    return number


def thief_at_work(stack, number):
    """He reads the mailbox and changes the password from where he sits."""
    assert not any("/r/" in mail.as_string() for mail in mails(DORA))
    renewed(stack, DORA, THIEF)
    stack.wait(lambda: "unverified" in state(stack, number)[1], "refused change")
    ask(stack, command="report", number=number)
    time.sleep(1.1)
    renewed(stack, DORA, "192.0.2.99")
    stack.wait(lambda: "verified" in state(stack, number)[1], "verified")
    time.sleep(1)
    assert "restore" not in state(stack, number)[1]
    with Client(DORA, THIEF) as thief:
        assert thief.mail_to("opfer@ziel1.example")[0] == 554
    say("a thief who changes the password himself opens nothing: staff must")
    stack.sperrwerk("restore", DORA, "--reason", "spoken to by phone")
    stack.wait(lambda: len(notices(DORA)) == 2 and len(notices(ANNA)) == 2, "restored notices")
    assert notices(DORA)[1]["Subject"] == f"Versand wieder frei: {DORA}"
    with Client(DORA, HOME) as customer:
        assert customer.mail_to("oma@gross.example")[0] == 250


def relapse(stack):
    spam(stack, DORA, "198.51.100.67")
    number = case_of(stack, DORA)
    stack.wait(lambda: state(stack, number)[0] == "notified", "told of the relapse")
    time.sleep(1.1)
    renewed(stack, DORA)
    ask(stack, command="report", number=number)
    stack.wait(lambda: "verified" in state(stack, number)[1], "verified relapse")
    time.sleep(1)
    assert "restore" not in state(stack, number)[1]
    say("a relapse is verified, and waits for staff")
    stack.sperrwerk("restore", DORA, "--reason", "the machine was cleaned")
    stack.wait(lambda: "restore" in state(stack, number)[1], "restored by staff")


def incident(stack, receiver):
    """Three mailboxes of one customer by one thief, and a contact that refuses the notice."""
    before = len(notices(ANNA))
    both = [CLARA, FINN, EMIL]
    for who in both:
        spam(stack, who, "198.51.100.68")
    numbers = [case_of(stack, who) for who in both]
    stack.wait(lambda: all(state(stack, one)[0] == "notified" for one in numbers), "both told")
    stack.wait(lambda: len(notices(ANNA)) > before, "the next contact")
    found = json.loads(stack.sperrwerk("case", str(numbers[2]), "--format", "json").stdout)
    assert any("weg@nordwind.example was refused" in step["reason"] for step in found["steps"])
    say("a contact that refuses is followed by the next")
    assert not any("/r/" in mail.as_string() for who in both for mail in mails(who))
    ask(stack, command="report", number=numbers[0])
    time.sleep(1.1)
    for number, who in zip(numbers, both[:2]):
        renewed(stack, who)
        stack.wait(lambda: "renewed" in state(stack, number)[1], f"renewal of {who}")
    time.sleep(1)
    for who in both:
        with Client(who, HOME) as customer:
            assert customer.mail_to("oma@gross.example")[0] == 554
    began = time.time()
    renewed(stack, EMIL)
    stack.wait(lambda: all("restore" in state(stack, one)[1] for one in numbers), "both restored")
    for who in both:
        stack.wait(lambda: Client(who, HOME).mail_to("oma@gross.example")[0] == 250, "sends again")
    say(f"an incident opens when its last mailbox is renewed, {time.time() - began:.1f} s after it")


def nobody_outside(stack, receiver):
    spam(stack, BERND, "198.51.100.69")
    number = case_of(stack, BERND)
    stack.wait(lambda: any(
        one.get("subject") == BERND and "no contact outside" in one["text"]
        for one in receiver.alerts), "alert")
    assert receiver.failures <= 0
    say(f"the operator hears by the signed webhook, after it had failed: {len(receiver.alerts)} alerts")
    stack.wait(lambda: any(
        "alert" in mail["Subject"] or "case" in mail["Subject"] for mail in mails(ANNA)
        if "Sperrwerk" in mail["From"]), "mail to the operator")
    stack.wait(lambda: state(stack, number)[0] == "notified", "told at all")


def settings(stack, receiver):
    """The story's own, and what this chapter adds to them."""
    given = mailconf.sperrwerk
    mailconf.sperrwerk = lambda path, is_dry: given(path, is_dry).replace(
        "web:\n", f"web:\n  url: {LINK[:-3]}\n") + f"""
password_changes: {path('changes.log')}
restore_needs_report: true
thief_quiet: 1s
brakes:
  least: 20
notices:
  from: postmaster@hoster.example
  every: 0s
  settle: 5s
alerts:
  webhook: http://127.0.0.1:{receiver.server_address[1]}/alerts
  secret: {SECRET}
  mail: {ANNA}
  mail_every: 2s
"""


def tables(stack):
    os.makedirs(stack.path("state"), mode=0o750)
    shutil.copytree(os.path.join(ROOT, "policies"), stack.path("policies"))
    stack.write("sites.csv", sites_table())
    stack.write("staff", mailconf.STAFF)
    stack.write("changes.log", "")
    stack.write("accounts.csv", "\n".join([
        "account,customer,reseller,contact,locale",
        f"{DORA},suedlicht,reisser,{DORA} {ANNA},de",
        f"{CLARA},suedlicht,reisser,{ANNA},en", f"{FINN},suedlicht,reisser,{ANNA},de",
        f"{EMIL},suedlicht,reisser,weg@nordwind.example {ANNA},de",
        f"{ANNA},nordwind,reisser,,de", f"{BERND},nordwind,reisser,,de",
        "weg@nordwind.example,nordwind,,,", ""]))


def way_back(stack):
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    tables(stack)
    settings(stack, receiver)
    stack.start_sperrwerk()
    thief_at_work(stack, told(stack))
    relapse(stack)
    incident(stack, receiver)
    nobody_outside(stack, receiver)


PEOPLE.extend([EMIL, FINN])
play(way_back, "the way back")
