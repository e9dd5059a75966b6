"""A real Postfix and Dovecot of their own on loopback, and a rest of the world that refuses spam."""
import json
import os
import re
import shutil
import smtplib
import socket
import socketserver
import subprocess
import tempfile
import threading
import time

PASSWORD = "geheim"
PEOPLE = ["anna@nordwind.example", "bernd@nordwind.example", "dora@suedlicht.example"]
SUBMISSION, INCOMING, IMAP, WORLD = 10587, 10026, 10143, 10025


class World(socketserver.ThreadingTCPServer):
    """Every other provider: refuses what is spam, defers one domain, takes the rest."""
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        self.accepted, self.refused = [], []
        self.first_refusal = None
        super().__init__(("127.0.0.1", WORLD), WorldSession)


class WorldSession(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write((text + "\r\n").encode())

    def handle(self):
        self.say("220 mx.example ESMTP")
        recipient = ""
        while line := self.rfile.readline().decode(errors="replace").strip():
            word = line.upper()
            if word.startswith(("EHLO", "HELO")):
                self.say("250 mx.example")
            elif word.startswith("RCPT"):
                recipient = re.search(r"<(.*)>", line).group(1)
                slow = recipient.endswith("@langsam.example")
                self.say("450 4.2.0 try again later" if slow else "250 2.1.5 Ok")
            elif word == "DATA":
                self.say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                self.judge(recipient, b"SPAM" in body)
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def judge(self, recipient, is_spam):
        if is_spam and not recipient.startswith("locker"):
            self.server.first_refusal = self.server.first_refusal or time.time()
            self.server.refused.append(recipient)
            self.say("554 5.7.1 Message rejected as spam by content filter")
        else:
            self.server.accepted.append(recipient)
            self.say("250 2.0.0 Ok")


class Stack:
    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="sperrwerk-e2e-")
        os.chmod(self.folder, 0o755)
        self.running = []
        self.service = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, age=10):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)
        # Postfix's commands wait for a configuration that is younger than two seconds.
        os.utime(self.path(name), (time.time() - age,) * 2)

    # ---- the programs

    def start(self):
        self.world = World()
        threading.Thread(target=self.world.serve_forever, daemon=True).start()
        self.start_dovecot()
        self.start_postfix()
        self.start_sperrwerk()

    def start_dovecot(self):
        self.write("users", "".join(
            f"{who}:{{PLAIN}}{PASSWORD}:8:8::{self.path('mail')}/{who}::\n" for who in PEOPLE))
        os.makedirs(self.path("mail"))
        os.chown(self.path("mail"), 8, 8)
        self.write("dovecot.conf", f"""
base_dir = {self.path('dovecot')}
state_dir = {self.path('dovecot-state')}
log_path = {self.path('dovecot.log')}
log_timestamp = "%Y-%m-%d %H:%M:%S "
protocols = imap lmtp
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
mail_location = maildir:%h
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = {self.path('users')}
}}
userdb {{
  driver = passwd-file
  args = {self.path('users')}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {IMAP}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener {self.path('auth')} {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener {self.path('lmtp')} {{
    mode = 0666
  }}
}}
""")
        process = subprocess.Popen(["dovecot", "-F", "-c", self.path("dovecot.conf")])
        self.running.append(lambda: (process.terminate(), process.wait(10)))
        self.wait(lambda: os.path.exists(self.path("auth")), "dovecot")

    def start_postfix(self):
        for name in ("postfix", "queue", "data"):
            os.makedirs(self.path(name))
        shutil.chown(self.path("data"), "postfix", "postfix")
        self.write("postfix/main.cf", f"""
compatibility_level = 3.6
queue_directory = {self.path('queue')}
data_directory = {self.path('data')}
maillog_file = {self.path('mail.log')}
maillog_file_prefixes = {self.folder}
myhostname = mx1.hoster.example
mydestination =
mynetworks = 192.0.2.0/24
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
default_transport = smtp:[127.0.0.1]:{WORLD}
virtual_mailbox_domains = nordwind.example suedlicht.example
virtual_transport = lmtp:unix:{self.path('lmtp')}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {self.path('auth')}
smtpd_delay_reject = yes
mua_sender_restrictions = check_sasl_access lmdb:{self.path('stopped')},
    check_policy_service {{ unix:{self.path('policy')}, timeout=5s, default_action=DUNNO }}
mua_end_of_data_restrictions =
    check_policy_service {{ unix:{self.path('policy')}, timeout=5s, default_action=DUNNO }}
authorized_submit_users = !{self.path('sites')}, static:all
minimal_backoff_time = 3600s
queue_run_delay = 3600s
""")
        self.write("postfix/master.cf", f"""
{SUBMISSION} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_upstream_proxy_protocol=haproxy
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=no
  -o smtpd_sender_restrictions=$mua_sender_restrictions
  -o smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
{INCOMING} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
showq unix n - n - - showq
""")
        self.write("stopped", "")
        self.write("sites", "")
        self.postfix("postmap", f"lmdb:{self.path('stopped')}")
        self.postfix("postfix", "start")
        self.running.append(lambda: self.postfix("postfix", "stop", check=False))
        self.wait(lambda: self.is_open(SUBMISSION), "postfix")

    def start_sperrwerk(self):
        if not os.path.exists(self.path("settings.yaml")):
            os.makedirs(self.path("state"), mode=0o750)
            root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
            self.write("settings.yaml", f"""
dry_run: false
state: {self.path('state')}
policies: {root}/policies
logs: [{self.path('mail.log')}, {self.path('dovecot.log')}]
policy_service:
  socket: {self.path('policy')}
  text: Sending is suspended, please renew your password
postfix:
  config: {self.path('postfix')}
  table: {self.path('stopped')}
  sites: {self.path('sites')}
operators:
  socket: {self.path('operators')}
queue:
  delete_after: 2s
""")
        log = open(self.path("sperrwerk.log"), "a")
        self.service = subprocess.Popen(
            [self.program, "run", "--settings", self.path("settings.yaml")], stderr=log)
        self.wait(lambda: self.sperrwerk("status", check=False).returncode == 0, "sperrwerk")

    def stop(self):
        if self.service:
            self.service.terminate()
            self.service.wait(20)
        for end in reversed(self.running):
            end()
        self.world.shutdown()
        shutil.rmtree(self.folder)

    # ---- small things

    def postfix(self, command, *arguments, check=True):
        return subprocess.run(
            [command, "-c", self.path("postfix"), *arguments], check=check, text=True,
            capture_output=True)

    def sperrwerk(self, *arguments, check=True):
        return subprocess.run(
            [self.program, *arguments, "--settings", self.path("settings.yaml")], check=check,
            text=True, capture_output=True)

    def queue(self):
        return [json.loads(line) for line in self.postfix("postqueue", "-j").stdout.splitlines()]

    @staticmethod
    def is_open(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    @staticmethod
    def wait(is_there, what, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            if is_there():
                return
            time.sleep(0.02)
        raise AssertionError(f"{what}: not there after {seconds} s")


class Client(smtplib.SMTP):
    """A mail program that comes from any address: the PROXY protocol says so."""

    def __init__(self, who, address="203.0.113.5"):
        self.address = address
        super().__init__("127.0.0.1", SUBMISSION, timeout=30)
        self.ehlo("pc")
        self.login(who, PASSWORD)

    def _get_socket(self, host, port, timeout):
        connection = super()._get_socket(host, port, timeout)
        connection.sendall(f"PROXY TCP4 {self.address} 127.0.0.1 40000 {port}\r\n".encode())
        return connection

    def mail_to(self, recipient, text="Guten Tag", sender="info@firma.example"):
        """The reply's code and text."""
        try:
            self.sendmail(sender, [recipient], f"Subject: x\r\n\r\n{text}\r\n")
            return 250, ""
        except smtplib.SMTPRecipientsRefused as refused:
            code, reply = list(refused.recipients.values())[0]
            return code, reply.decode()
        except smtplib.SMTPResponseException as error:
            return error.smtp_code, str(error.smtp_error)
