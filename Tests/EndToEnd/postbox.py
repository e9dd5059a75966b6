"""What stands in a mailbox, as IMAP gives it and Python's own parser reads it."""
import email
import email.policy
import imaplib

from mailconf import IMAP
from people import PASSWORD


def mails(who, password=PASSWORD):
    """All of them. The service ends the sessions of whom it stops or opens, and so now and then this one."""
    for _ in range(5):
        try:
            return read(who, password)
        except (imaplib.IMAP4.abort, OSError) as ended:
            last = ended
    raise last


def read(who, password):
    with imaplib.IMAP4("127.0.0.1", IMAP) as imap:
        imap.login(who, password)
        imap.select("INBOX", readonly=True)
        numbers = imap.search(None, "ALL")[1][0].split()
        return [
            email.message_from_bytes(imap.fetch(number, "(RFC822)")[1][0][1], policy=email.policy.default)
            for number in numbers]


def notices(who, subject=""):
    """What customers are told; with this in the subject, where one is given."""
    return [mail for mail in mails(who) if mail["Auto-Submitted"] == "auto-generated"
            and "Sperrwerk" not in mail["From"] and subject in mail["Subject"]]


def well_formed(mail, language):
    """The parts of a notice without a defect, decoded."""
    defects = [d for part in mail.walk() for d in part.defects]
    defects += [d for _, value in mail.items() for d in getattr(value, "defects", [])]
    assert not defects, defects
    assert mail["Content-Language"] == language, mail["Content-Language"]
    assert mail["Return-Path"] in ("<>", None) and mail["Message-ID"] and mail["Date"].datetime
    parts = {part.get_content_type(): part.get_content() for part in mail.walk()
             if not part.is_multipart()}
    assert set(parts) == {"text/plain", "text/html"}, set(parts)
    return parts
