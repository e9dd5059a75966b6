"""A mail program of the test, run in the machine's network: one JSON order a line, one JSON answer a line."""
import imaplib
import json
import smtplib
import sys

PASSWORD = "geheim"
sessions = {}


def connect(who):
    smtp = smtplib.SMTP("127.0.0.1", 587, timeout=30)
    smtp.ehlo("pc")
    smtp.login(who, PASSWORD)
    return smtp


def send(smtp, who, recipient):
    try:
        smtp.sendmail(who, [recipient], "Subject: x\r\n\r\nGuten Tag\r\n")
        return [250, ""]
    except smtplib.SMTPRecipientsRefused as refused:
        code, reply = list(refused.recipients.values())[0]
        return [code, reply.decode()]
    except smtplib.SMTPResponseException as error:
        return [error.smtp_code, str(error.smtp_error)]


def imap_alive(imap):
    try:
        return imap.noop()[0] == "OK"
    except (imaplib.IMAP4.error, OSError):
        return False


for line in sys.stdin:
    order, *words = json.loads(line)
    if order == "send":
        with connect(words[0]) as smtp:
            answer = send(smtp, *words)
    elif order == "imap":
        sessions[words[0]] = imaplib.IMAP4("127.0.0.1", 143)
        sessions[words[0]].login(words[0], PASSWORD)
        answer = True
    elif order == "imap-alive":
        answer = imap_alive(sessions[words[0]])
    print(json.dumps(answer), flush=True)
