"""The manual page sperrwerk(8), from the program's own words. Usage: manual.py PROGRAM > sperrwerk.8

Commands and options come from the argument parser, settings from the file that `init` writes; what neither says
stands below.
"""
import json
import re
import subprocess
import sys

BEFORE = r"""
.SH DESCRIPTION
.B sperrwerk
reads the logs of a mail system, recognises hijacked accounts and websites by what remote servers reject and by how logins
behave, and locks them, for sending only. All judgement stands in Lua files that can be tried on old logs first:
.PP
.RS
.nf
sperrwerk replay /var/log/mail.log*
.fi
.RE
.PP
.B sperrwerk run
is the service. After its installation it is a dry run: it says what it would do, and touches nothing, until
.B dry_run: false
stands in its settings.
"""
AFTER = r"""
.SH RIGHTS
The service runs as the user
.BR sperrwerk ,
which belongs to the groups
.B adm
and
.B systemd\-journal
(to read the logs) and
.B postdrop
(to list the queue and to hand over notices). It can never become root. What only root may do, it asks for over
.IR /run/sperrwerk\-root.socket ,
which systemd guards. There root carries out these orders and no others:
.PP
.RS
.nf
postsuper [\-c /etc/postfix...] \-h \-, \-H \-, \-r \- hold, \-d \- hold    with queue ids, a line each
doveadm kick LOGIN
doveadm auth cache flush LOGIN
.fi
.RE
.PP
Without systemd sudo does the same:
.I /usr/share/doc/sperrwerk/examples/sudoers
and the setting
.BR "privileges: [/usr/bin/sudo, \-n, \-\-]" .
.PP
Who may open the operators' socket may give operators' commands: root, and the members of the group
.BR sperrwerk .
A proxy before the form or the staff's page is no member of it: the pages listen in
.IR /run/sperrwerk\-web ,
whose sockets belong to the group
.B www\-data
.RB ( web.socket_group ).
On a machine with websites that is the way for the staff's page, too: each website can connect to 127.0.0.1.
.SH POSTFIX
In main.cf, with the paths of the package:
.PP
.RS
.nf
mua_sender_restrictions =
    check_policy_service { unix:sperrwerk/policy, timeout=5s, default_action=DUNNO },
    check_sasl_access lmdb:/var/lib/sperrwerk-postfix/accounts
mua_end_of_data_restrictions =
    check_policy_service { unix:sperrwerk/policy, timeout=5s, default_action=DUNNO }
authorized_submit_users = !/var/lib/sperrwerk-postfix/websites, static:all
pickup_header_checks = pipemap:{ regexp:{ {/^Received: by [^ ]+ \e([^ ]+, from userid ([0-9]+)\e)/ $$1} },
    lmdb:/var/lib/sperrwerk-postfix/websites_held }
.fi
.RE
.PP
and in master.cf, at each service that takes mail with a password:
.PP
.RS
.nf
  \-o smtpd_sender_restrictions=$mua_sender_restrictions
  \-o smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions
.fi
.RE
.PP
and at pickup, with a cleanup of its own, which holds websites:
.PP
.RS
.nf
  \-o cleanup_service_name=pickup\-cleanup
pickup\-cleanup unix n \- y \- 0 cleanup \-o header_checks=$pickup_header_checks
.fi
.RE
.PP
.B sperrwerk tables
makes what these lines name, empty, where it is missing; the package and the unit call it. Before main.cf names a table it
must be there, also in a dry run: Postfix defers everybody's mail without it.
.B sperrwerk doctor
says what is missing. A purge of the package leaves the tables as long as Postfix is told of them, and says how to remove them.
.SH SIGNALS
.TP
.B SIGTERM
ends the service when what was ordered is done.
.TP
.B SIGHUP
takes the policies, the notices' templates and the settings anew that a running service can take; what is not well
changes nothing, and is an alert.
.SH ENVIRONMENT
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Where systemd is told that the service is ready, what it does, and that its loop still turns; see
.BR sd_notify (3).
.TP
.B NO_COLOR
No colours in what is printed.
.PP
The unit reads
.I /etc/default/sperrwerk
for more.
.SH FILES
.TP
.I /etc/sperrwerk/sperrwerk.yaml
The settings.
.TP
.I /etc/sperrwerk/policies
The policies, their lists and tests.
.TP
.I /var/lib/sperrwerk
The ledger, and what the service knows.
.TP
.I /var/lib/sperrwerk-postfix
The tables that stop accounts and websites while the service is away.
.TP
.I /var/spool/postfix/sperrwerk/policy
Where Postfix asks.
.TP
.I /run/sperrwerk/operators
Where operators' commands arrive.
.TP
.I /run/sperrwerk-web
Where a proxy reaches the form and the staff's page, if their places are sockets there.
.SH EXIT STATUS
0 done; 1 a source could not be read (the rest was), doctor found a fault, or the service did not obey a command; 64 wrong option;
65 a policy or a setting is wrong; 66 a file is missing; 69 the service does not answer; 73 the output cannot be written; 74 another
fault of files.
.SH SEE ALSO
.BR postsuper (1),
.BR access (5),
.BR doveadm (1),
.BR systemd.service (5)
"""


def troff(text):
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return "\n".join(r"\&" + line if line.startswith((".", "'")) else line for line in text.splitlines())


def option(argument):
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    names = ", ".join(dashes[name["kind"]] + name["name"] for name in argument.get("names", []))
    value = argument["valueName"].upper()
    if argument["kind"] == "flag":
        return rf"\fB{troff(names)}\fR"
    if argument["kind"] == "option":
        return rf"\fB{troff(names)}\fR \fI{troff(value)}\fR"
    return rf"\fI{troff(value)}\fR"


def shown(arguments):
    return [a for a in arguments if a["shouldDisplay"] and a["valueName"] not in ("help", "version")]


def synopsis(name, command):
    words = [rf"\fB{troff(name)}\fR"]
    for argument in shown(command.get("arguments", [])):
        word = option(argument)
        word += "..." if argument["isRepeating"] else ""
        words.append(f"[{word}]" if argument["isOptional"] else word)
    return " ".join(words)


def section(name, command):
    lines = [".TP", synopsis(name, command), troff(command.get("abstract", ""))]
    if command.get("discussion"):
        lines.append(troff(command["discussion"]))
    arguments = shown(command.get("arguments", []))
    if arguments:
        lines.append(".RS")
        for argument in arguments:
            text = troff(argument.get("abstract", ""))
            if argument.get("defaultValue"):
                text += f" Default: {troff(argument['defaultValue'])}."
            lines += [".TP", option(argument), text]
        lines.append(".RE")
    for inner in command.get("subcommands", []):
        if inner["shouldDisplay"] and inner["commandName"] != "help":
            lines += section(f"{name} {inner['commandName']}", inner)
    return lines


def settings(text):
    """Each key of the file that `init` writes: its meaning stands above it, its value behind it."""
    lines, meaning, group = [], [], ""
    for line in text.splitlines():
        key = re.fullmatch(r"( *)(?:# )?([a-z_]+):(?: (.*))?", line)
        if line.lstrip().startswith("# ") and not (key and meaning):
            meaning.append(line.lstrip()[2:])
        elif key and not key[1] and not meaning:
            group = key[2] + "."
        elif key:
            name = (group if key[1] else "") + key[2]
            lines += [".TP", rf"\fB{name}\fR" + (f" ({troff(key[3])})" if key[3] else ""), troff(" ".join(meaning))]
            meaning = []
        elif not line.strip():
            meaning = []
    return lines


def main():
    program = sys.argv[1]

    def say(*words):
        return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout
    command = json.loads(say("--experimental-dump-help"))["command"]
    version = say("--version").strip()
    lines = [f'.TH SPERRWERK 8 "" "sperrwerk {version}" "System administration"', ".SH NAME",
             "sperrwerk \\- stops hijacked mail accounts and websites from sending", ".SH SYNOPSIS",
             r"\fBsperrwerk\fR \fICOMMAND\fR [\fIOPTIONS\fR]", BEFORE.strip(), ".SH COMMANDS"]
    for inner in command["subcommands"]:
        if inner["shouldDisplay"] and inner["commandName"] != "help":
            lines += section(f"sperrwerk {inner['commandName']}", inner)
    lines += [".SH SETTINGS", r"One YAML file; in brackets what \fBsperrwerk init\fR writes on a plain machine."]
    lines += settings(say("init", "-"))
    lines.append(AFTER.strip())
    print("\n".join(lines))


main()
