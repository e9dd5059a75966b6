"""Two customers and a website who do nothing wrong: they send and receive all the time, and lose nothing."""
import imaplib
import smtplib
import threading
import time

from mailconf import IMAP
from people import BLOG, INCOMING, PASSWORD, Client, site_mail

ANNA, BERND = "anna@nordwind.example", "bernd@nordwind.example"


def inbox(who):
    with imaplib.IMAP4("127.0.0.1", IMAP) as imap:
        imap.login(who, PASSWORD)
        return int(imap.select("INBOX", readonly=True)[1][0])


def from_outside(who, text="hallo"):
    with smtplib.SMTP("127.0.0.1", INCOMING) as outside:
        outside.sendmail("kunde@aussen.example", [who], f"Subject: hallo\r\n\r\n{text}\r\n")


def receives(stack, who):
    """Mail from outside reaches the mailbox, and IMAP shows it."""
    before = inbox(who)
    from_outside(who)
    stack.wait(lambda: inbox(who) > before, f"incoming mail of {who}")


class Neighbours:
    """Their mail and what became of it."""

    def __init__(self, stack):
        self.stack = stack
        self.sent, self.troubles = [], []
        self.received = 0
        self.is_over = threading.Event()
        self.before = inbox(ANNA)
        self.threads = [threading.Thread(target=self.guarded, args=(work,), daemon=True)
                        for work in (self.write_much, self.write_in_one_session, self.blog, self.read)]
        for thread in self.threads:
            thread.start()

    def guarded(self, work):
        number = 0
        while not self.is_over.is_set():
            try:
                work(number)
            except Exception as error:
                self.troubles.append(f"{work.__name__}: {error!r}")
            number += 1
            self.is_over.wait(0.4)

    def note(self, recipient, answer):
        if answer not in ((250, ""), 0):
            self.troubles.append(f"{recipient}: {answer}")
        self.sent.append(recipient)

    def write_much(self, number):
        with Client(ANNA, "203.0.113.7") as client:
            recipient = f"anna-{number}@gross.example"
            self.note(recipient, client.mail_to(recipient))

    def write_in_one_session(self, number):
        # Postfix ends a session after 100 mails at the latest.
        if number % 50 == 0:
            self.session = Client(BERND, "203.0.113.8")
        recipient = f"bernd-{number}@gross.example"
        self.note(recipient, self.session.mail_to(recipient))

    def blog(self, number):
        recipient = f"blog-{number}@gross.example"
        self.note(recipient, site_mail(BLOG, recipient))

    def read(self, number):
        from_outside(ANNA)
        self.received += 1

    def end(self):
        """All that they sent has reached the world, once, and all that was sent to them their mailbox."""
        self.is_over.set()
        for thread in self.threads:
            thread.join(60)
        assert not self.troubles, self.troubles[:5]
        accepted = self.stack.world.accepted
        # What was on hold for a while goes out with the next run of the queue.
        self.stack.wait(lambda: self.stack.postfix("postqueue", "-f")
                        and set(self.sent) <= set(accepted), "the neighbours' mail", 180)
        twice = [who for who in set(self.sent) if accepted.count(who) > 1]
        assert not twice, twice
        self.stack.wait(lambda: inbox(ANNA) - self.before >= self.received, "anna's mail", 60)
        return len(self.sent), self.received
