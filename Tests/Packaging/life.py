"""A package's life in a fresh Debian: installed, started, at work, stuck, upgraded, removed, purged.

Needs root and debootstrap; leaves nothing behind but an archive in .build. Usage: life.py PACKAGE.deb
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from machine import Machine, archive, plain, run, with_servers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(ROOT, ".build/debian")
VICTIM, NEIGHBOUR = "dora@suedlicht.example", "anna@nordwind.example"
SETTINGS = "/etc/sperrwerk/sperrwerk.yaml"
TABLE = "/var/lib/sperrwerk-postfix/accounts"
SITES = "/var/lib/sperrwerk-postfix/websites"
POLICY = "check_policy_service { unix:sperrwerk/policy, timeout=5s, default_action=DUNNO }"


def say(text):
    print(f"  {text}", flush=True)


# ---- without Postfix and without a running systemd: a workstation, or a container that is being made

def on_a_plain_machine(package, plain_archive):
    machine = Machine(plain_archive)
    try:
        machine.chroot("apt-get", "update", "-q")
        before = machine.files()
        shutil.copy(package, machine.path("/tmp/sperrwerk.deb"))
        machine.chroot("apt-get", "install", "-qy", "--no-install-recommends", "/tmp/sperrwerk.deb")
        shutil.copy(os.path.join(ROOT, "samples/seed-story/mail.log"), machine.path("/tmp/mail.log"))
        replayed = machine.chroot("sperrwerk", "replay", "/tmp/mail.log").stdout
        assert "suspended dora@suedlicht.example by rejections" in replayed, replayed
        assert "dry_run: true" in machine.read(SETTINGS)
        assert "policies are well" in machine.chroot("sperrwerk", "check").stdout
        say("installed by apt with what it depends on, and nothing of Swift; it replays a log")
        machine.chroot("apt-get", "purge", "-qy", "sperrwerk")
        machine.chroot("apt-get", "autoremove", "-qy")
        left = {name for name in machine.files() - before if "sperrwerk" in name}
        assert not left, left
        say("purged: no file left")
    finally:
        machine.end()


# ---- with both: a mail server

def serve_mail(machine):
    """Debian's own Postfix and Dovecot as a provider has them: submission chrooted, passwords from Dovecot."""
    for words in (
        ("-e", "myhostname = mx1.hoster.example", "mydestination =", "inet_protocols = ipv4",
         "maillog_file =", "compatibility_level = 3.6", "smtpd_sasl_type = dovecot",
         "smtpd_sasl_path = private/auth", "default_transport = smtp:[127.0.0.1]:26",
         f"mua_sender_restrictions = check_sasl_access lmdb:{TABLE}, {POLICY}",
         f"mua_end_of_data_restrictions = {POLICY}",
         f"authorized_submit_users = !{SITES}, static:all"),
        ("-M", "-e", "submission/inet=submission inet n - y - - smtpd"),
        ("-P", "-e", "submission/inet/syslog_name=postfix/submission", "submission/inet/smtpd_sasl_auth_enable=yes",
         "submission/inet/smtpd_tls_auth_only=no",
         "submission/inet/smtpd_sender_restrictions=$mua_sender_restrictions",
         "submission/inet/smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions",
         "submission/inet/smtpd_relay_restrictions=permit_sasl_authenticated,reject"),
    ):
        machine("postconf", *words)
    machine.write("/etc/dovecot/local.conf", """
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:/var/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = passwd-file
  args = /etc/dovecot/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/var/mail/%u
}
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
""")
    machine.write("/etc/dovecot/users", f"{VICTIM}:{{PLAIN}}geheim\n{NEIGHBOUR}:{{PLAIN}}geheim\n")
    for uid, name in ((5101, "msweb1"), (5102, "msweb2")):
        machine("useradd", "-u", str(uid), "-m", name)
    # Postfix's commands wait for a configuration that is younger than two seconds.
    time.sleep(2.1)


class Client:
    def __init__(self, machine):
        self.process = machine.network(
            "python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "client.py"))

    def __call__(self, *order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{order}: the mail program died"
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


def installed(machine, package):
    shutil.copy(package, machine.path("/root/sperrwerk.deb"))
    machine("dpkg", "-i", "/root/sperrwerk.deb")
    assert machine.service("ActiveState") == "active"
    assert machine.service("UnitFileState") == "enabled"
    machine.wait(lambda: machine.service("StatusText").startswith("dry run"), "the status")
    status = machine.service("StatusText")
    with open(f"/proc/{host_pid(machine)}/status") as file:
        rights = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    assert rights["NoNewPrivs"] == "1" and int(rights["CapBnd"], 16) == 0 and "\t0" not in rights["Uid"], rights
    say(f"installed and started: '{status}', as a user that can never become root")
    # Postfix looks its tables up only from now on: they are there.
    machine("systemctl", "restart", "postfix", "dovecot", "rsyslog")
    machine.wait(lambda: machine("sh", "-c", "ss -lnt 2>/dev/null | grep -q :587 || postfix status", check=False)
                 .returncode == 0, "postfix")


def host_pid(machine):
    """The service's process id as this machine sees it."""
    inner = machine.service("MainPID")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/status") as file:
                text = file.read()
        except OSError:
            continue
        if "Name:\tsperrwerk\n" in text and re.search(rf"NSpid:\t\d+\t.*\b{inner}\n", text):
            return pid
    raise AssertionError(f"no process {inner}")


def goes_live(machine):
    machine("sed", "-i", "s/^dry_run: true/dry_run: false/; s/^alerts:/&\\n  mail: ops@hoster.example/", SETTINGS)
    assert "\n  mail: ops@hoster.example\n" in machine.read(SETTINGS), machine.read(SETTINGS)
    assert "privileges: [/usr/bin/sperrwerk, as-root]" in machine.read(SETTINGS), machine.read(SETTINGS)
    machine("systemctl", "restart", "sperrwerk")
    machine.wait(lambda: machine.service("StatusText").startswith("acting"), "the status")
    found = machine("runuser", "-u", "sperrwerk", "--", "sperrwerk", "doctor", check=False).stdout
    # This machine has no way out: neither time nor names come from anywhere.
    faults = [line for line in found.splitlines() if line.startswith("FAULT")
              and "NTP" not in line and "resolver" not in line]
    assert "FAULT" in found and not faults, found
    say("live; doctor, as the service's user, finds nothing wrong but that the machine has no network")


def sandbox(machine):
    """The unit's own limits, for the programs that the service calls."""
    lines = machine.read("/lib/systemd/system/sperrwerk.service").split("NoNewPrivileges", 1)[1].split("[Install]")[0]
    limits = [word for line in ("NoNewPrivileges" + lines).splitlines() if line and line[0] != "#"
              for word in ("-p", line)]

    def within(*words):
        return machine("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "-p", "User=sperrwerk",
                       "-p", "UMask=0077", *limits, "--", *words, check=False, stdin=subprocess.DEVNULL)
    assert within("head", "-c", "1", "/var/log/mail.log").returncode == 0
    assert within("journalctl", "-n", "1", "--no-pager").returncode == 0
    assert within("postqueue", "-j").returncode == 0
    assert within("postmap", "-q", "nobody", f"lmdb:{TABLE}").returncode == 1
    mail = "printf 'From: a@b.example\\nTo: x@y.example\\nSubject: notice\\n\\nx\\n' | sendmail -i -f '' x@y.example"
    sent = within("sh", "-c", mail)
    assert sent.returncode == 0, sent.stdout
    machine.wait(lambda: "x@y.example" in machine("postqueue", "-j").stdout, "a notice in the queue")
    for words in (("touch", "/etc/x"), ("postsuper", "-h", "ALL"), ("cat", "/etc/shadow"), ("unshare", "-r", "true"),
                  ("sperrwerk", "as-root", "/usr/sbin/postsuper", "-d", "ALL"),
                  ("sperrwerk", "as-root", "/usr/bin/doveadm", "kick", "*"),
                  ("sperrwerk", "as-root", "/usr/sbin/postfix", "stop")):
        refused = within(*words)
        assert refused.returncode != 0, (words, refused.stdout)
    assert "unknown user" not in machine("sh", "-c", "journalctl -u 'sperrwerk-root@*' --no-pager").stdout
    say("within the unit's limits: reads the log and the journal, lists the queue, hands over mail; no more than that")


def by_sudo(machine):
    """The example for machines without systemd, with a real sudo."""
    machine("install", "-m", "0440", "/usr/share/doc/sperrwerk/examples/sudoers", "/etc/sudoers.d/sperrwerk")
    machine("visudo", "-c")

    def sudo(*words):
        return machine("runuser", "-u", "sperrwerk", "--", "sudo", "-n", "--", *words, check=False,
                       stdin=subprocess.DEVNULL)
    for words in (("/usr/sbin/postsuper", "-h", "-"), ("/usr/sbin/postsuper", "-d", "-", "hold"),
                  ("/usr/sbin/postsuper", "-r", "-", "hold"),
                  ("/usr/bin/doveadm", "auth", "cache", "flush", VICTIM)):
        assert sudo(*words).returncode == 0, (words, sudo(*words).stdout)
    for words in (("/usr/bin/doveadm", "kick", "*"), ("/usr/bin/doveadm", "kick", VICTIM, NEIGHBOUR),
                  ("/usr/bin/doveadm", "kick", "-A"), ("/usr/bin/doveadm", "kick", "10.0.0.1"),
                  ("/usr/sbin/postsuper", "-r", "-"), ("/usr/sbin/postsuper", "-d", "ALL"),
                  ("/usr/sbin/postsuper", "-c", "/tmp", "-h", "-"), ("/usr/sbin/postfix", "reload"),
                  ("/bin/sh",)):
        refused = sudo(*words)
        assert refused.returncode == 1 and "password is required" in refused.stdout, (words, refused.stdout)
    machine("rm", "/etc/sudoers.d/sperrwerk")
    say("the example for sudo allows the same and no more")


def sends(client, who, recipient):
    answer = client("send", who, recipient)
    assert answer == [250, ""], answer


def at_work(machine, client):
    sends(client, VICTIM, "oma@gross.example")
    sends(client, NEIGHBOUR, "freund@gross.example")
    assert client("imap", VICTIM) and client("imap-alive", VICTIM)
    machine.wait(lambda: machine("sperrwerk", "queue", "list", VICTIM, check=False).stdout.count("oma@") == 1,
                 "the message in the queue")
    machine("sperrwerk", "suspend", VICTIM, "--reason", "a test")
    machine.wait(lambda: "read back" in case(machine), "the read-back")
    assert "1 of 1 queued messages held" in case(machine), case(machine)
    code, reply = client("send", VICTIM, "oma@gross.example")
    assert code == 554, (code, reply)
    sends(client, NEIGHBOUR, "freund@gross.example")
    machine.wait(lambda: not client("imap-alive", VICTIM), "the end of the session")
    held = [m for m in map(json.loads, machine("postqueue", "-j").stdout.splitlines()) if m["queue_name"] == "hold"]
    assert [m["recipients"][0]["address"] for m in held] == ["oma@gross.example"], held
    say("suspends through a chrooted Postfix, holds the queued message, ends the session; the neighbour sends")

    def site(name):
        return machine("runuser", "-u", name, "--", "sh", "-c",
                       "printf 'Subject: x\\n\\nx\\n' | /usr/sbin/sendmail -i x@y.example", check=False)
    assert site("msweb1").returncode == 0
    machine("sperrwerk", "suspend", "uid:5101", "--reason", "a test")
    machine.wait(lambda: "not allowed to submit" in site("msweb1").stdout, "the website's refusal")
    assert site("msweb2").returncode == 0
    say("stops one website; the other sends")


def case(machine):
    """As one line: it is broken to the width of a terminal."""
    return " ".join(machine("sperrwerk", "case", "1").stdout.split())


def watched(machine):
    machine.write("/etc/systemd/system/sperrwerk.service.d/quick.conf", "[Service]\nWatchdogSec=2\n")
    machine("systemctl", "daemon-reload")
    machine("systemctl", "restart", "sperrwerk")
    before = machine.service("MainPID")
    time.sleep(6)
    assert machine.service("MainPID") == before and machine.service("NRestarts") == "0"
    say("an idle service is left alone for three times the watchdog's time")
    stuck = "/etc/sperrwerk/policies/stuck.lua"
    machine("mkfifo", "-m", "0644", stuck)
    machine("systemctl", "kill", "-s", "HUP", "sperrwerk")
    machine.wait(lambda: machine.service("MainPID") != before, "the end of the stuck loop")
    machine("rm", stuck)
    machine.wait(lambda: machine.service("ActiveState") == "active", "the restart", 60)
    log = machine("journalctl", "-u", "sperrwerk", "--no-pager").stdout
    assert "Watchdog timeout" in log, log
    assert machine.service("NRestarts") != "0"
    told = [m for m in machine("postqueue", "-j").stdout.splitlines() if "ops@hoster.example" in m]
    assert any("ended by a fault (watchdog" in machine("postcat", "-q", json.loads(m)["queue_id"]).stdout
               for m in told), told
    say("a stuck loop is ended by the watchdog and started again, and the operator is told by mail")
    before = machine.service("MainPID")
    machine("systemctl", "kill", "-s", "KILL", "sperrwerk")
    machine.wait(lambda: machine.service("MainPID") not in ("0", before) and
                 machine.service("ActiveState") == "active", "the restart", 60)
    machine("systemctl", "reload", "sperrwerk")
    say("killed, it is started again; systemctl reload is taken")
    machine("rm", "-r", "/etc/systemd/system/sperrwerk.service.d")
    machine("systemctl", "daemon-reload")


def upgraded(machine, client):
    machine("sh", "-c", "cd /root && rm -rf new && dpkg-deb -R sperrwerk.deb new && "
            "sed -i 's/^Version: .*/&+next1/' new/DEBIAN/control && dpkg-deb -Zgzip -z1 -b new next.deb")
    machine("sh", "-c", "echo '-- our own remark' >> /etc/sperrwerk/policies/rejections.lua")
    own, before = machine.read(SETTINGS), machine.service("MainPID")
    machine("dpkg", "-i", "--force-confold", "/root/next.deb")
    assert machine.service("ActiveState") == "active" and machine.service("MainPID") != before
    assert machine.read(SETTINGS) == own
    assert "our own remark" in machine.read("/etc/sperrwerk/policies/rejections.lua")
    cases = machine("sperrwerk", "cases").stdout
    assert re.search(rf"#1 (suspended|notified) {re.escape(VICTIM)}", cases), cases
    assert client("send", VICTIM, "oma@gross.example")[0] == 554
    say("upgraded: restarted, settings and policies as they were, the suspension holds")


def removed(machine, client, before):
    machine("dpkg", "-r", "sperrwerk")
    assert machine.service("ActiveState") in ("inactive", "failed")
    assert not machine.exists("/usr/bin/sperrwerk") and machine.exists(SETTINGS)
    assert not machine("sh", "-c", "find /proc -maxdepth 1 -name '[0-9]*' -user sperrwerk").stdout
    assert client("send", VICTIM, "oma@gross.example")[0] == 554
    sends(client, NEIGHBOUR, "freund@gross.example")
    say("removed: stopped; the table goes on stopping the suspended account, others send")
    purge = machine("dpkg", "-P", "sperrwerk").stdout
    assert "still name /var/lib/sperrwerk-postfix: it stays" in purge, purge
    assert client("send", VICTIM, "oma@gross.example")[0] == 554
    sends(client, NEIGHBOUR, "freund@gross.example")
    machine("postconf", "-X", "mua_sender_restrictions", "authorized_submit_users")
    machine("rm", "-r", "/var/lib/sperrwerk-postfix")
    left = {name for name in machine.files() - before if not name.startswith("/etc/systemd/system/multi-user")}
    assert not left and not machine.exists("/var/spool/postfix/sperrwerk"), left
    assert not machine("sh", "-c", "find / -xdev -name '*sperrwerk*' -not -path '/root/*' -not -path '/tmp/*' "
                       "-not -path '/var/log/*' 2>/dev/null || true").stdout
    say("purged: mail flows on, it says what main.cf still names and what to do; then no file is left")


def dependencies(package):
    """What the package asks for, by name; of alternatives the first."""
    fields = run("dpkg-deb", "-f", package, "Depends").stdout
    return [item.split("|")[0].split("(")[0].strip() for item in fields.split(",")]


def on_a_mail_server(package, servers_archive):
    machine = Machine(servers_archive)
    client = None
    try:
        # The booted machine has no way out.
        machine.chroot("apt-get", "update", "-q")
        machine.chroot("apt-get", "install", "-qy", "--no-install-recommends", *dependencies(package))
        if not machine.boot():
            print("skipped: no container can be booted here, so nothing was tried under a real systemd")
            return
        serve_mail(machine)
        before = machine.files()
        installed(machine, package)
        client = Client(machine)
        goes_live(machine)
        sandbox(machine)
        by_sudo(machine)
        at_work(machine, client)
        watched(machine)
        upgraded(machine, client)
        removed(machine, client, before)
    finally:
        if client:
            client.end()
        machine.end()


def main():
    if os.geteuid() != 0 or not shutil.which("debootstrap") or not shutil.which("systemd-nspawn"):
        print("skipped: a package's life needs root, debootstrap and systemd-nspawn")
        return
    # Ended from outside it still takes the container down.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    package, began = os.path.abspath(sys.argv[1]), time.time()
    plain_archive = archive(CACHE, "plain.tar", plain)
    servers_archive = archive(CACHE, "servers.tar", with_servers(plain_archive))
    on_a_plain_machine(package, plain_archive)
    on_a_mail_server(package, servers_archive)
    print(f"the package's life is as it should be, {time.time() - began:.0f} s")


main()
