"""What all chapters of the way back use: who is stopped, how, and how far a case has come."""
import json
import os
import shutil
import socket
import time

import mailconf
from people import Client, sites_table
from stack import ROOT

DORA, CLARA, EMIL, FINN = (f"{name}@suedlicht.example" for name in ("dora", "erik", "emil", "finn"))
ANNA, BERND = "anna@nordwind.example", "bernd@nordwind.example"
# Each of these is a customer of its own.
CARLA, FRIDA, GUSTAV, HANNA, INGA = (
    f"{name}@westfeld.example" for name in ("carla", "frida", "gustav", "hanna", "inga"))
NEW = [EMIL, FINN, GUSTAV, HANNA, INGA]
FORM = "http://127.0.0.1:18029"
LINK = FORM + "/r/"
# The thief sits here; the mailboxes' own people elsewhere.
THIEF, HOME = "198.51.100.66", "203.0.113.5"


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
        *(f"{who},{who.split('@')[0]},reisser,{ANNA},en" for who in (CARLA, FRIDA, GUSTAV, HANNA, INGA)),
        f"{ANNA},nordwind,reisser,,de", f"{BERND},nordwind,reisser,,de",
        "weg@nordwind.example,nordwind,,,", ""]))


def spam(who, address, count=60):
    """Until it is refused; some of it is deferred, and would be taken later."""
    for number in range(count):
        victim = f"locker{number}@langsam" if number % 5 == 4 else f"opfer{number}@ziel{number % 9}"
        with Client(who, address) as thief:
            code, _ = thief.mail_to(f"{victim}.example", "SPAM", sender=f"bank-{who.split('@')[0]}@bank.example")
        if code != 250:
            return
        time.sleep(0.02)
    raise AssertionError(f"{who} was never refused")


def report(stack, number):
    """The customer's word, as the form passes it on."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(stack.path("operators"))
        connection.sendall(json.dumps({"command": "report", "number": number}).encode() + b"\n")
        return json.loads(connection.makefile().readline())


def renewed(stack, who, address=None):
    with open(stack.path("changes.log"), "a") as log:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        source = f" from {address}" if address else ""
        log.write(f"{stamp} panel[7]: password changed for {who}{source}\n")


def state(stack, number):
    """How far a case is, and its steps."""
    found = stack.ask("case", str(number))
    return found["summary"]["state"], [step["action"] for step in found["steps"]]


def number_of(stack, who):
    return stack.case_of(who)["summary"]["number"]


def told_of_end(stack, who):
    """Who hears of an end and of another beginning at once gets one mail for both: so the end is waited for."""
    def steps():
        seen = state(stack, number_of(stack, who))[1]
        return seen[seen.index("notify_restored"):] if "notify_restored" in seen else []
    stack.wait(lambda: "notified" in steps(), f"notices of the end to {who}")


def sends(who, address=HOME):
    """Whether Postfix takes a mail of the account."""
    with Client(who, address) as customer:
        code, reply = customer.mail_to("oma@gross.example")
    assert code in (250, 554), (code, reply)
    return code == 250
