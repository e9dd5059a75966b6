"""Who lives on the mail server of the story: six mailboxes under a reseller, and two websites."""
import os
import smtplib
import socket
import subprocess

PASSWORD = "geheim"
PEOPLE = ["anna@nordwind.example", "bernd@nordwind.example", "carla@westfeld.example",
          "dora@suedlicht.example", "erik@suedlicht.example", "frida@westfeld.example"]
# Users that every Debian has: nobody is made and nothing is left behind.
SHOP, BLOG = "irc", "backup"
SUBMISSION, INCOMING, LOCAL, DOVECOT = 10587, 10026, 10030, 10588

ACCOUNTS = """account,domain,customer,reseller,contact,locale
anna@nordwind.example,nordwind.example,Nordwind,,office@nordwind-buero.example,de
bernd@nordwind.example,nordwind.example,Nordwind,,office@nordwind-buero.example,de
carla@westfeld.example,westfeld.example,Westfeld,Hansa,carla@post.example,en
dora@suedlicht.example,suedlicht.example,Suedlicht,Hansa,dora@post.example,de
erik@suedlicht.example,suedlicht.example,Suedlicht,Hansa,dora@post.example,de
frida@westfeld.example,westfeld.example,Westfeld,Hansa,carla@post.example,en
"""


def uid_of(user):
    import pwd
    return pwd.getpwnam(user).pw_uid


def sites_table():
    return ("uid,user,domain,customer,reseller,contact,locale\n"
            f"{uid_of(SHOP)},{SHOP},shop.suedlicht.example,Suedlicht,Hansa,dora@post.example,de\n"
            f"{uid_of(BLOG)},{BLOG},www.nordwind.example,Nordwind,,office@nordwind-buero.example,de\n")


class Client(smtplib.SMTP):
    """A mail program that comes to Postfix from any address: the PROXY protocol says so."""

    def __init__(self, who, address="203.0.113.5", port=SUBMISSION, password=PASSWORD):
        self.address = address
        super().__init__("127.0.0.1", port, timeout=30)
        self.ehlo("pc")
        self.login(who, password)

    def _get_socket(self, host, port, timeout):
        connection = super()._get_socket(host, port, timeout)
        if port == SUBMISSION:
            connection.sendall(f"PROXY TCP4 {self.address} 127.0.0.1 40000 {port}\r\n".encode())
        return connection

    def mail_to(self, recipient, text="Guten Tag", sender="info@firma.example"):
        """The reply's code and text."""
        return answer(self, recipient, text, sender)


def answer(session, recipient, text, sender):
    try:
        session.sendmail(sender, [recipient], f"Subject: x\r\n\r\n{text}\r\n")
        return 250, ""
    except smtplib.SMTPRecipientsRefused as refused:
        code, reply = list(refused.recipients.values())[0]
        return code, reply.decode()
    except smtplib.SMTPResponseException as error:
        return error.smtp_code, str(error.smtp_error)


def as_user(user, command, text=""):
    """Runs a program as a website's user does."""
    return subprocess.run(command, user=user, group=user, extra_groups=[], input=text, text=True,
                          capture_output=True)


def site_mail(user, recipient, text="Guten Tag", sender="www@firma.example"):
    """PHP's mail(): sendmail's exit status."""
    return as_user(user, ["/usr/sbin/sendmail", "-f", sender, recipient],
                   f"To: {recipient}\nSubject: x\n\n{text}\n").returncode


# A script of a website that speaks SMTP to its own machine, as many do.
SPEAKS = """
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as session:
    for recipient in sys.argv[3:]:
        try:
            session.sendmail("www@firma.example", [recipient], f"Subject: x\\r\\n\\r\\n{sys.argv[2]}\\r\\n")
            print(250)
        except smtplib.SMTPRecipientsRefused as refused:
            print(*list(refused.recipients.values())[0])
"""


def site_speaks(user, *recipients, text="Guten Tag"):
    """What the server answered to each."""
    done = as_user(user, ["/usr/bin/python3", "-c", SPEAKS, str(LOCAL), text, *recipients])
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_root():
    return os.geteuid() == 0
