"""A mailbox is renewed in Dovecot's own passwd-file, and nothing else tells of it."""
import os
import smtplib
import time

from people import PASSWORD, Client
from postbox import mails
from way import FRIDA, HOME, number_of, report, spam, state

NEW_PASSWORD = "ganz-anders"


def passwd_file(stack, say):
    spam(FRIDA, "198.51.100.71")
    number = number_of(stack, FRIDA)
    stack.wait(lambda: state(stack, number)[0] == "notified", "notices")
    # The hash that is there at the suspension is what a new one is compared with.
    stack.wait(lambda: FRIDA in stack.read("state/passwords.json"), "the first look at the hash")
    assert PASSWORD not in stack.read("state/passwords.json")
    report(stack, number)
    # Whatever is found changed may have been changed right after the look before: that must be later than the thief.
    time.sleep(1.5)
    looked = stack.read("state/passwords.json")
    stack.sperrwerk("poll")
    stack.wait(lambda: stack.read("state/passwords.json") != looked, "a later look at the hash")
    users = stack.read("users")
    renewed = users.replace(f"{FRIDA}:{{PLAIN}}{PASSWORD}:", f"{FRIDA}:{{PLAIN}}{NEW_PASSWORD}:")
    assert renewed != users
    stack.write("users.new", renewed, age=0)
    os.rename(stack.path("users.new"), stack.path("users"))
    stack.wait(lambda: state(stack, number)[0] == "restored", "the restored case")
    assert "verified" in state(stack, number)[1], state(stack, number)
    stack.wait(lambda: sends_with(NEW_PASSWORD), "mail with the new password")
    assert not sends_with(PASSWORD), "the old password is good still"
    stack.wait(lambda: any("open again" in mail["Subject"] for mail in mails(FRIDA, NEW_PASSWORD)), "restored notice")
    say("a mailbox renewed in Dovecot's passwd-file is seen by its hash, and opens: the new password sends, "
        "the old one does not")


def sends_with(password):
    try:
        with Client(FRIDA, HOME, password=password) as customer:
            return customer.mail_to("oma@gross.example")[0] == 250
    except smtplib.SMTPAuthenticationError:
        return False
