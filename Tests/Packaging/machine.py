"""A fresh Debian with a systemd of its own, in a folder: made once, kept as an archive, booted apart from this machine."""
import os
import shutil
import signal
import subprocess
import tempfile
import time

MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
PLAIN = "systemd,systemd-sysv,dbus,ca-certificates"
SERVERS = ["postfix", "postfix-lmdb", "dovecot-imapd", "rsyslog", "sudo"]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"}


def run(*words, check=True, **more):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}")
    return done


def archive(cache, name, make):
    """The archive of a root that `make` fills, made where it is missing."""
    file = os.path.join(cache, name)
    if not os.path.exists(file):
        os.makedirs(cache, exist_ok=True)
        folder = tempfile.mkdtemp(prefix="sperrwerk-root-", dir="/var/tmp")
        try:
            make(folder)
            # A root that only root may enter is none: its users could not start.
            os.chmod(folder, 0o755)
            run("tar", "-C", folder, "-cf", file + ".new", ".")
            os.rename(file + ".new", file)
        finally:
            shutil.rmtree(folder)
    return file


class Machine:
    def __init__(self, archive_file):
        self.folder = tempfile.mkdtemp(prefix="sperrwerk-root-", dir="/var/tmp")
        self.container = None
        run("tar", "-C", self.folder, "-xf", archive_file)

    def path(self, name):
        return self.folder + name

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def exists(self, name):
        return os.path.lexists(self.path(name))

    # ---- not booted

    def chroot(self, *words, check=True):
        shutil.copy("/etc/resolv.conf", self.path("/etc/resolv.conf"))
        # A Swift program finds its arguments in /proc.
        return run("unshare", "--mount", "--pid", "--fork", f"--mount-proc={self.folder}/proc", "chroot",
                   self.folder, *words, check=check, env=ENVIRONMENT)

    # ---- booted

    def boot(self):
        """Whether it has come up: where a container cannot be booted, the caller goes on without."""
        os.makedirs("/run/systemd", exist_ok=True)
        self.console = open(self.folder + ".console", "w")
        self.container = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "-D", self.folder, "--register=no", "--keep-unit",
             "--private-network", "--resolv-conf=off", "--timezone=off", "--console=pipe", "-b"],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console)
        end = time.time() + 90
        while time.time() < end and self.container.poll() is None:
            if self.leader() and self("systemctl", "is-system-running", check=False).stdout.strip() in (
                    "running", "degraded"):
                return True
            time.sleep(0.3)
        return False

    def leader(self):
        try:
            with open(f"/proc/{self.container.pid}/task/{self.container.pid}/children") as file:
                children = file.read().split()
            return children[0] if children else None
        except OSError:
            return None

    def inside(self, *words):
        return ["nsenter", "-t", self.leader(), "-m", "-u", "-i", "-n", "-p", "-r", "-w", *words]

    def __call__(self, *words, check=True, **more):
        return run(*self.inside(*words), check=check, env=ENVIRONMENT, **more)

    def network(self, program, *words):
        """A program of this machine, in that machine's network."""
        return subprocess.Popen(
            ["nsenter", "-t", self.leader(), "-n", program, *words], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def service(self, name, unit="sperrwerk.service"):
        return self("systemctl", "show", "-P", name, unit).stdout.strip()

    def wait(self, is_there, what, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            if is_there():
                return
            time.sleep(0.1)
        raise AssertionError(f"{what}: not there after {seconds} s\n"
                             + self("journalctl", "-n", "60", "--no-pager", check=False).stdout)

    def end(self):
        if self.container:
            leader = self.leader()
            if leader:
                # Its init takes this as the order to halt.
                os.kill(int(leader), signal.SIGRTMIN + 4)
            try:
                self.container.wait(30)
            except subprocess.TimeoutExpired:
                self.container.kill()
                self.container.wait()
            self.console.close()
            os.remove(self.folder + ".console")
        shutil.rmtree(self.folder)

    # ---- what stands on it

    def files(self):
        """All names but those that change by themselves."""
        passing = ("/proc/", "/sys/", "/dev/", "/run/", "/tmp/", "/var/tmp/", "/var/log/", "/var/cache/",
                   "/var/lib/dpkg/", "/var/lib/apt/", "/var/lib/systemd/", "/var/lib/postfix/",
                   "/var/spool/postfix/", "/var/lib/dovecot/", "/var/mail/", "/home/", "/etc/resolv.conf",
                   "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/machine-id",
                   "/etc/.pwd.lock", "/etc/subuid", "/etc/subgid", "/root/")
        found = set()
        for folder, folders, names in os.walk(self.folder):
            below = folder[len(self.folder):] + "/"
            folders[:] = [n for n in folders if not (below + n + "/").startswith(passing)]
            found.update(below + n for n in folders + names if not (below + n).startswith(passing))
        return found


def plain(folder):
    print("  fetching Debian 12, once", flush=True)
    run("debootstrap", "--variant=minbase", f"--include={PLAIN}", "bookworm", folder, MIRROR)
    security = MIRROR.removesuffix("/debian") + "/debian-security"
    with open(folder + "/etc/apt/sources.list", "a") as file:
        file.write(f"deb {MIRROR} bookworm-updates main\ndeb {security} bookworm-security main\n")


def with_servers(plain_archive):
    def make(folder):
        print("  installing Postfix, Dovecot and rsyslog in it, once", flush=True)
        run("tar", "-C", folder, "-xf", plain_archive)
        shutil.copy("/etc/resolv.conf", folder + "/etc/resolv.conf")
        # Not booted: nothing may be started.
        with open(folder + "/usr/sbin/policy-rc.d", "w") as file:
            file.write("#!/bin/sh\nexit 101\n")
        os.chmod(folder + "/usr/sbin/policy-rc.d", 0o755)
        run("chroot", folder, "apt-get", "update", "-q", env=ENVIRONMENT)
        run("chroot", folder, "apt-get", "install", "-qy", "--no-install-recommends", *SERVERS,
            env=ENVIRONMENT)
        os.remove(folder + "/usr/sbin/policy-rc.d")
    return make
