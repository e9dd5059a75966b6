"""The contact form and the staff's page of a running service, in a real headless Chromium.

Needs chromium, chromium-driver, python3-selenium, and Postfix's postmap; no root: the mail log is written by hand.
Usage: web.py SPERRWERK [FOLDER_FOR_PICTURES]
"""
import concurrent.futures
import email
import email.policy
import glob
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

from browser import DESKTOP, PHONE, Browser

FORM, STAFF, TLS = 18025, 18026, 18027
ANNA, DORA = "anna@nordwind.example", "dora@suedlicht.example"
# "storm-surge", bcrypt with the least cost.
HASH = "$2b$04$abcdefghijklmnopqrstuuP3sGUEd5wozOoUAaLrcKeNBqVPci0dq"


PLACES = f"""
  listen: 127.0.0.1:{FORM}
  url: http://127.0.0.1:{FORM}
  staff_listen: 127.0.0.1:{STAFF}
"""


def say(text):
    print(f"  {text}", flush=True)


def wait(what, condition, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


class Service:
    """A service with a log of its own, acting on tables in a folder of its own."""

    def __init__(self, program, web=None):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="sperrwerk-web-")
        self.number = 0
        os.makedirs(self.path("state"))
        for name in ["mail.log", "changes.log"]:
            open(self.path(name), "w").close()
        with open(self.path("users"), "w") as file:
            file.write(f"lena:{HASH}\n")
        with open(self.path("accounts.csv"), "w") as file:
            file.write(f"account,contact,locale\n{DORA},dora@zuhause.example,de\n")
        with open(self.path("sendmail"), "w") as file:
            file.write(f"#!/bin/sh\ncat > $(mktemp {self.folder}/XXXXXX.eml)\n")
        os.chmod(self.path("sendmail"), 0o755)
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        with open(self.path("sperrwerk.yaml"), "w") as file:
            file.write(f"""
dry_run: false
state: {self.path('state')}
policies: {root}/policies
logs: [{self.path('mail.log')}]
password_changes: {self.path('changes.log')}
accounts: {self.path('accounts.csv')}
restore_needs_report: true
thief_quiet: 0s
sendmail: {self.path('sendmail')}
notices:
  from: postmaster@hoster.example
policy_service:
  socket: {self.path('policy')}
postfix:
  table: {self.path('table')}
  sites: {self.path('sites')}
  postsuper: /bin/true
  postqueue: /bin/true
operators:
  socket: {self.path('operators')}
web:
{web or PLACES}
  staff_users: {self.path('users')}
  name: Nordwind Hosting
  help: "support@nordwind.example, 030 555 0100"
""")

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        self.errors = open(self.path("errors"), "w")
        self.process = subprocess.Popen(
            [self.program, "run", "--settings", self.path("sperrwerk.yaml")], stderr=self.errors)
        wait("the service", lambda: self.command("status", check=False).returncode == 0)

    def command(self, *arguments, check=True):
        return subprocess.run([self.program, *arguments, "--settings", self.path("sperrwerk.yaml")],
                              capture_output=True, text=True, check=check)

    def stop(self):
        begun = time.time()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        assert code == 0, open(self.path("errors")).read()
        shutil.rmtree(self.folder)
        return time.time() - begun

    def memory(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) >> 10

    def get(self, port, path, method="GET", body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        except OSError:
            return 0, "", {}
        finally:
            connection.close()

    def spam(self, login, count=20, reply="554 5.7.1 Message rejected as spam by content filter"):
        with open(self.path("mail.log"), "a") as log:
            for _ in range(count):
                self.number += 1
                now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                name, domain = f"AB{self.number:05X}FB0", f"ziel{self.number % 9}.example"
                log.write(
                    f"{now} mx1 postfix/submission/smtpd[1]: {name}: client=unknown[203.0.113.9], "
                    f"sasl_method=PLAIN, sasl_username={login}\n"
                    f"{now} mx1 postfix/qmgr[1]: {name}: from=<x@y.example>, size=1000, nrcpt=1 (queue active)\n"
                    f"{now} mx1 postfix/smtp[1]: {name}: to=<o@{domain}>, relay=mx.{domain}[192.0.2.9]:25, "
                    f"delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx said: {reply})\n")

    def renew(self, login, address="203.0.113.21"):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
        time.sleep(1.1)
        with open(self.path("changes.log"), "a") as log:
            log.write(f"{now} panel[1]: password changed for {login} from {address}\n")

    def cases(self):
        answer = self.command("cases", "--format", "json").stdout
        return {one["subject"]: one for one in json.loads(answer)}

    def link(self):
        """The path of the form's link, as it stands in the notice to the contact outside."""
        for name in glob.glob(self.path("*.eml")):
            with open(name, "rb") as file:
                notice = email.message_from_binary_file(file, policy=email.policy.default)
            found = re.search(r"http://[^/\s]+(/r/\S+)", notice.get_body(("plain",)).get_content())
            if found:
                assert notice["To"] == "dora@zuhause.example", notice["To"]
                return found.group(1)


def url(port, path):
    return f"http://127.0.0.1:{port}{path}"


def form(service, pictures):
    """A customer on the way back, with a telephone and without JavaScript."""
    service.spam(DORA)
    link = wait("the notice", service.link)
    case = wait("the notice in the case", lambda: service.cases()[DORA]["state"] == "notified" and service.cases()[DORA])
    # What follows the links in mails presses no button.
    for method in ["GET", "HEAD", "OPTIONS"]:
        service.get(FORM, link, method)
    assert service.cases()[DORA]["state"] == case["state"]
    with Browser(PHONE, "de", javascript=False) as browser:
        browser.open(url(FORM, link))
        browser.shows("Der Versand ist gesperrt")
        browser.shows(DORA)
        browser.shows("Noch kein neues Passwort gesehen")
        assert not browser.overflows()
        browser.picture(pictures, "form-stopped-phone")
        browser.press("nav a")
        browser.shows("Sending is stopped")
        browser.press("nav a")
        browser.press("button.main")
        browser.shows("Danke, wir prüfen das gerade")
        browser.picture(pictures, "form-reported-phone")
        assert service.cases()[DORA]["state"] != "restored", "restored without a renewal"
        service.renew(DORA)
        begun = time.time()
        # The page asks again by itself.
        browser.shows("Der Versand ist wieder frei", 45)
        say(f"the form: reported, renewed, and open again on the page {time.time() - begun:.1f} s later")
        browser.picture(pictures, "form-open-phone")
    for dark in [False, True]:
        with Browser(DESKTOP, "en", dark) as browser:
            browser.open(url(FORM, link))
            browser.shows("Sending is open again")
            browser.picture(pictures, "form-open-desktop" + ("-dark" if dark else ""))
            browser.open(url(FORM, "/r/wrong"))
            browser.shows("There is no such page")
            assert not [line for line in browser.console() if "404" not in line], browser.console()
            browser.picture(pictures, "form-wrong-desktop" + ("-dark" if dark else ""))


def staff(service, pictures):
    """The support desk: sees a case come up, reads it, opens sending again."""
    with Browser(DESKTOP) as browser:
        browser.open(url(STAFF, "/staff"))
        browser.picture(pictures, "staff-login-desktop")
        browser.fill("#name", "lena")
        browser.fill("#password", "wrong")
        browser.press("button.main")
        browser.shows("Name or password is wrong.")
        browser.fill("#name", "lena")
        browser.fill("#password", "storm-surge")
        browser.press("button.main")
        browser.shows("OPEN CASES")
        browser.shows("lena")
        # Nothing is loaded anew by hand from here on.
        service.spam(ANNA, reply='554 5.7.1 spam <script>document.title="broken"</script>')
        begun = time.time()
        browser.shows(ANNA, 15)
        say(f"the staff's page shows a new case by itself {time.time() - begun:.1f} s after the log")
        assert "broken" not in browser.driver.title
        assert not browser.overflows()
        browser.picture(pictures, "staff-overview-desktop")
        browser.press(f"a[href='/staff/case/{service.cases()[ANNA]['number']}']")
        browser.shows("WHAT HAPPENED")
        for summary in browser.driver.find_elements("css selector", ".timeline summary"):
            summary.click()
        browser.shows("<script>")
        assert "broken" not in browser.driver.title
        browser.picture(pictures, "staff-case-desktop")
        browser.fill("#case-reason", "the customer called back")
        browser.press("button[value=restore]")
        browser.shows("ordered: restore")
        assert service.cases()[ANNA]["state"] == "restored"
        steps = service.command("case", str(service.cases()[ANNA]["number"])).stdout
        assert "staff lena" in steps and "the customer called back" in steps, steps
        assert not [line for line in browser.console() if "favicon" not in line and "403" not in line], browser.console()
        browser.press("button.link")
        browser.open(url(STAFF, "/staff"))
        browser.shows("Password")
    for size, dark, javascript in [(PHONE, False, True), (PHONE, True, False), (DESKTOP, True, True)]:
        with Browser(size, dark=dark, javascript=javascript) as browser:
            browser.open(url(STAFF, "/staff/login"))
            browser.fill("#name", "lena")
            browser.fill("#password", "storm-surge")
            browser.press("button.main")
            browser.shows("OPEN CASES")
            assert not browser.overflows()
            name = f"{'phone' if size == PHONE else 'desktop'}{'-dark' if dark else ''}"
            browser.picture(pictures, "staff-overview-" + name)
            browser.press(".cases a")
            assert not browser.overflows()
            browser.picture(pictures, "staff-case-" + name)
            if not javascript:
                browser.fill("#case-reason", "tried without JavaScript")
                browser.press("button[value=hold]")
                browser.shows("ordered: hold")
                say("the staff's page works without JavaScript, on a telephone's screen")


def abused(service):
    """Ten thousand guesses: nothing is told, memory is bounded, decisions go on."""
    before = service.memory()
    code = secrets.token_urlsafe(32)

    def guess(number):
        token = f"{number % 50}.{number % 50}.{int(time.time()) + 3600:x}.{code}" if number % 2 else f"guess{number}"
        return service.get(FORM, "/r/" + token, "POST" if number % 3 == 0 else "GET",
                           "check=x" if number % 3 == 0 else None,
                           {"Content-Type": "application/x-www-form-urlencoded"})

    victim = "bernd@nordwind.example"
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        begun = time.time()
        guesses = [pool.submit(guess, number) for number in range(10_000)]
        time.sleep(0.5)
        service.spam(victim)
        asked = time.time()
        wait("a case during the guesses", lambda: service.cases().get(victim))
        decided = time.time() - asked
        answers = [one.result() for one in guesses]
    kinds = {}
    for status, text, _ in answers:
        kinds.setdefault(status, set()).add(text)
    assert set(kinds) <= {404, 429} and all(len(texts) == 1 for texts in kinds.values()), {
        status: len(texts) for status, texts in kinds.items()}
    grown = service.memory() - before
    say(f"10,000 guessed tokens in {time.time() - begun:.1f} s: "
        f"{sum(1 for one in answers if one[0] == 429)} slowed down, the others all alike; "
        f"{grown} MiB more memory; a case meanwhile after {decided:.2f} s")
    assert grown < 50 and decided < 10


def encrypted(program):
    """Both pages at one place with TLS of their own; a renewed certificate is taken without a restart."""
    keys = tempfile.mkdtemp(prefix="sperrwerk-tls-")

    def renew(name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", f"{keys}/key.pem", "-out", f"{keys}/chain.pem"],
                       check=True, capture_output=True)

    def ask(method, path, body=None, headers={}):
        trust = ssl.create_default_context(cafile=f"{keys}/chain.pem")
        connection = http.client.HTTPSConnection("127.0.0.1", TLS, timeout=10, context=trust)
        connection.request(method, path, body, headers)
        name = dict(part[0] for part in connection.sock.getpeercert()["subject"])["commonName"]
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return name, answer, text

    renew("first.example")
    service = Service(program, f"""
  listen: 127.0.0.1:{TLS}
  url: https://127.0.0.1:{TLS}
  staff_listen: 127.0.0.1:{TLS}
  tls_certificate: {keys}/chain.pem
  tls_key: {keys}/key.pem
""")
    service.start()

    def served():
        try:
            return ask("GET", "/robots.txt")
        except OSError:
            return None
    try:
        assert wait("the form by TLS", served)[0] == "first.example"
        name, answer, text = ask("GET", "/staff/login")
        cookie = answer.getheader("Set-Cookie")
        assert "Secure" in cookie and "HttpOnly" in cookie, cookie
        check = re.search('name="check" value="([^"]*)"', text).group(1)
        _, answer, _ = ask(
            "POST", "/staff/login", urllib.parse.urlencode({"check": check, "name": "lena", "password": "storm-surge"}),
            {"Cookie": cookie.split(";")[0], "Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 303 and answer.getheader("Set-Cookie").startswith("__Host-sperrwerk="), answer.status
        assert answer.getheader("Strict-Transport-Security")
        assert ask("GET", "/r/wrong")[1].status == 404
        renew("second.example")
        assert ask("GET", "/robots.txt")[0] == "second.example"
        say("both pages by TLS at one place; a renewed certificate is taken at the next connection")
    finally:
        service.stop()
        shutil.rmtree(keys)


def main():
    pictures = sys.argv[2] if len(sys.argv) > 2 else None
    missing = [name for name in ["chromium", "chromedriver"] if not shutil.which(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} is missing; 'make install-servers' installs it")
        return
    encrypted(sys.argv[1])
    service = Service(sys.argv[1])
    service.start()
    wait("the form", lambda: service.get(FORM, "/robots.txt")[0] == 200)
    try:
        form(service, pictures)
        staff(service, pictures)
        abused(service)
    except BaseException:
        print(open(service.path("errors")).read()[-3000:])
        service.process.kill()
        raise
    say(f"ended {service.stop():.1f} s after SIGTERM")


main()
