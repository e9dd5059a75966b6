"""Every other provider, and the content filter on the way to them."""
import re
import smtplib
import socketserver
import threading
import time

WORLD, FILTER, BACK = 10025, 10024, 10028


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 200

    def __init__(self, port, session):
        super().__init__(("127.0.0.1", port), session)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Session(socketserver.StreamRequestHandler):
    """Speaks SMTP; what it makes of recipients and messages is the heirs' matter."""

    def say(self, text):
        self.wfile.write((text + "\r\n").encode())

    def handle(self):
        self.say("220 mx.example ESMTP")
        sender, recipients = "", []
        while line := self.rfile.readline().decode(errors="replace").strip():
            word = line.upper()
            if word.startswith(("EHLO", "HELO")):
                self.say("250 mx.example")
            elif word.startswith("MAIL"):
                sender, recipients = re.search(r"<(.*?)>", line).group(1), []
                self.say("250 2.1.0 Ok")
            elif word.startswith("RCPT"):
                recipient = re.search(r"<(.*)>", line).group(1)
                reply = self.recipient(recipient)
                if reply.startswith("250"):
                    recipients.append(recipient)
                self.say(reply)
            elif word == "DATA":
                self.say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                self.say(self.message(sender, recipients, body[:-5]))
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 2.0.0 Ok")


class World(Listener):
    """Refuses what is spam, defers one domain, takes the rest."""

    def __init__(self):
        self.accepted, self.refused = [], []
        self.is_slow = True
        self.first_refusal = None
        super().__init__(WORLD, WorldSession)


class WorldSession(Session):
    def recipient(self, recipient):
        if self.server.is_slow and recipient.endswith("@langsam.example"):
            return "450 4.2.0 try again later"
        return "250 2.1.5 Ok"

    def message(self, sender, recipients, body):
        world = self.server
        if b"SPAM" in body and not any(who.startswith("locker") for who in recipients):
            world.first_refusal = world.first_refusal or time.time()
            world.refused += recipients
            return "554 5.7.1 Message rejected as spam by content filter"
        world.accepted += recipients
        return "250 2.0.0 Ok"


class Filter(Listener):
    """Takes each mail of the submission service and hands it back, as amavis does: it gets another queue id."""

    def __init__(self):
        self.passed = 0
        super().__init__(FILTER, FilterSession)


class FilterSession(Session):
    def recipient(self, recipient):
        return "250 2.1.5 Ok"

    def message(self, sender, recipients, body):
        with smtplib.SMTP("127.0.0.1", BACK) as back:
            back.ehlo("filter")
            back.mail(sender)
            for recipient in recipients:
                back.rcpt(recipient)
            code, reply = back.data(body + b"\r\n")
        self.server.passed += 1
        # `250 2.0.0 from MTA: 250 2.0.0 Ok: queued as ABC123`, in amavis' words.
        return f"{code} 2.0.0 from MTA(smtp:[127.0.0.1]:{BACK}): {code} {reply.decode()}"
