"""The way back on a real mail system: who is told, in which language, and who opens sending again.

Needs root, Postfix with lmdb and Dovecot; leaves nothing behind. Usage: notices.py SPERRWERK
"""
import os

import mailconf
from chapter_form import form
from chapter_held_mail import held_mail
from chapter_incident import incident, nobody_outside
from chapter_passwd_file import passwd_file
from chapter_told import relapse, thief_at_work, told
from people import PEOPLE
from stack import say
from stage import play
from way import ANNA, FORM, NEW, tables
from webhook import SECRET, Receiver


def settings(stack, receiver):
    """The story's own, and what this one adds to them."""
    # Of several Dovecots on a machine doveadm asks the one whose configuration it is given.
    stack.write("doveadm", f"#!/bin/sh\nexec doveadm -c {stack.path('dovecot.conf')} \"$@\"\n")
    os.chmod(stack.path("doveadm"), 0o755)
    given = mailconf.sperrwerk
    mailconf.sperrwerk = lambda path, is_dry: given(path, is_dry).replace(
        "web:\n", f"web:\n  listen: {FORM.removeprefix('http://')}\n  url: {FORM}\n") + f"""
password_changes: {path('changes.log')}
passwords:
  passwd_file: {path('users')}
  every: 1s
dovecot:
  doveadm: {path('doveadm')}
restore_needs_report: true
thief_quiet: 1s
# More is stopped here within minutes than a real provider stops in an hour.
brakes:
  suspensions: 40
  least: 40
notices:
  from: postmaster@hoster.example
  every: 0s
  settle: 5s
alerts:
  webhook: http://127.0.0.1:{receiver.server_address[1]}/alerts
  secret: {SECRET}
  mail: {ANNA}
  mail_every: 2s
"""


def way_back(stack):
    receiver = Receiver()
    tables(stack)
    settings(stack, receiver)
    stack.start_sperrwerk()
    told(stack, say)
    thief_at_work(stack, say)
    relapse(stack, say, receiver)
    incident(stack, say)
    form(stack, say)
    passwd_file(stack, say)
    held_mail(stack, say, receiver)
    nobody_outside(stack, say, receiver)


PEOPLE.extend(NEW)
play(way_back, "the way back")
