"""A real Postfix and Dovecot of their own on loopback, a content filter, and a rest of the world that refuses spam."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import mailconf
from people import ACCOUNTS, INCOMING, LOCAL, SUBMISSION, Client, is_open, sites_table
from world import BACK, Filter, World

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What a run of the service may write in Postfix's world.
MAPS = ["stopped", "stopped.lmdb", "sites", "sites_held", "sites_held.lmdb", "postfix/main.cf",
        "postfix/master.cf"]


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

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    # ---- the programs

    def start(self):
        self.world, self.filter = World(), Filter()
        self.start_dovecot()
        self.start_postfix()

    def start_dovecot(self):
        self.write("users", mailconf.users(self.path))
        os.makedirs(self.path("mail"))
        os.chown(self.path("mail"), 8, 8)
        self.write("dovecot.conf", mailconf.dovecot(self.path))
        process = subprocess.Popen(["dovecot", "-F", "-c", self.path("dovecot.conf")])
        self.running.append(lambda: (process.terminate(), process.wait(60)))
        self.wait(lambda: os.path.exists(self.path("auth")), "dovecot")

    def start_postfix(self):
        # A website's sendmail takes no folder by option: in our own name space ours lies over the machine's.
        shutil.copytree("/etc/postfix", self.path("postfix"), symlinks=True)
        for name in ("queue", "data"):
            os.makedirs(self.path(name))
        shutil.chown(self.path("data"), "postfix", "postfix")
        self.write("postfix/main.cf", mailconf.main_cf(self.path))
        self.write("postfix/master.cf", mailconf.master_cf(self.path))
        subprocess.run(["mount", "--bind", self.path("postfix"), "/etc/postfix"], check=True)
        self.running.append(lambda: subprocess.run(["umount", "/etc/postfix"]))
        for name in ("stopped", "sites", "sites_held"):
            self.write(name, "")
        for name in ("stopped", "sites_held"):
            self.postfix("postmap", f"lmdb:{self.path(name)}")
        self.postfix("postfix", "start")
        self.running.append(lambda: self.postfix("postfix", "stop", check=False))
        for port in (SUBMISSION, INCOMING, LOCAL, BACK):
            self.wait(lambda: is_open(port), f"postfix on port {port}")

    def start_sperrwerk(self, is_dry=False):
        if not os.path.exists(self.path("state")):
            os.makedirs(self.path("state"), mode=0o750)
            shutil.copytree(os.path.join(ROOT, "policies"), self.path("policies"))
            self.write("accounts.csv", ACCOUNTS)
            self.write("sites.csv", sites_table())
            self.write("staff", mailconf.STAFF)
        self.write("settings.yaml", mailconf.sperrwerk(self.path, is_dry))
        with open(self.path("sperrwerk.log"), "a") as log:
            self.service = subprocess.Popen(
                [self.program, "run", "--settings", self.path("settings.yaml")], stderr=log)
        self.wait(lambda: self.sperrwerk("status", check=False).returncode == 0, "sperrwerk")

    def stop_sperrwerk(self, how=signal.SIGTERM):
        self.service.send_signal(how)
        status = self.service.wait(30)
        self.service = None
        return status

    def stop(self):
        if self.service:
            self.stop_sperrwerk()
        for end in reversed(self.running):
            end()
        self.world.shutdown()
        self.filter.shutdown()
        shutil.rmtree(self.folder)

    # ---- small things

    def postfix(self, command, *arguments, check=True):
        return subprocess.run(
            [command, "-c", self.path("postfix"), *arguments], check=check, text=True,
            capture_output=True)

    def postsuper(self, option, ids):
        subprocess.run(["postsuper", "-c", self.path("postfix"), option, "-"], check=True, text=True,
                       input="".join(one + "\n" for one in ids), capture_output=True)

    def sperrwerk(self, *arguments, check=True, has_settings=True):
        settings = ["--settings", self.path("settings.yaml")] if has_settings else []
        done = subprocess.run([self.program, *arguments, *settings], text=True, capture_output=True)
        assert done.returncode == 0 or not check, (arguments, done.stdout, done.stderr)
        return done

    def queue(self):
        """What is queued; a message that is just leaving the queue is listed without recipients, and left out."""
        listed = [json.loads(line) for line in self.postfix("postqueue", "-j").stdout.splitlines()]
        return [message for message in listed if message["recipients"]]

    def held(self):
        return [message for message in self.queue() if message["queue_name"] == "hold"]

    def entry(self, table, key):
        """What Postfix finds in a table."""
        return self.postfix("postmap", "-q", str(key), f"lmdb:{self.path(table)}",
                            check=False).stdout.strip()

    def change_settings(self, old, new):
        """What an admin edits while the service runs; what it reads anew is there when the command returns."""
        text = self.read("settings.yaml")
        assert old in text, old
        self.write("settings.yaml", text.replace(old, new))
        return self.sperrwerk("reload")

    def ask(self, *arguments):
        """A command's answer as data."""
        return json.loads(self.sperrwerk(*arguments, "--format", "json").stdout)

    def case_of(self, subject):
        """A subject's latest case with its steps; None where there is none."""
        numbers = [case["number"] for case in self.ask("cases", "--all")
                   if case["subject"] == subject]
        return self.ask("case", str(numbers[-1])) if numbers else None

    def seen(self, subject, words):
        """Whether a step of the subject's latest case says so."""
        case = self.case_of(subject)
        return bool(case) and any(words in step["reason"] for step in case["steps"])

    def restore(self, who, reason, port=SUBMISSION):
        """On the operator's word the customer sends again: the table opens first, the policy service right after it."""
        self.sperrwerk("restore", who, "--reason", reason)
        self.wait(lambda: not self.entry("stopped", who), "open table")
        with Client(who, port=port) as customer:
            self.wait(lambda: customer.mail_to("oma@gross.example") == (250, ""), f"{who} sends again")

    def queued_of(self, subject):
        """What the service lists of a subject's queue: the addresses, with the replies."""
        return [recipient for message in self.ask("queue", "list", subject)["messages"]
                for recipient in message["recipients"]]

    def prints(self):
        """A fingerprint of each file that an action could change."""
        return {name: hashlib.sha256(open(self.path(name), "rb").read()).hexdigest()
                for name in MAPS}

    @staticmethod
    def wait(is_there, what, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            if is_there():
                return
            time.sleep(0.05)
        raise AssertionError(f"{what}: not there after {seconds} s")


def say(text):
    print(f"  {text}", flush=True)
