"""The configuration of the story's servers, as a hoster's: README's lines, with the test's own paths and ports."""
from people import DOVECOT, INCOMING, LOCAL, PASSWORD, PEOPLE, SUBMISSION
from world import BACK, FILTER, WORLD

IMAP, BULK, RELAY = 10143, 10031, 10032


def users(path):
    return "".join(f"{who}:{{PLAIN}}{PASSWORD}:8:8::{path('mail')}/{who}::\n" for who in PEOPLE)


def dovecot(path):
    return f"""
base_dir = {path('dovecot')}
state_dir = {path('dovecot-state')}
log_path = {path('dovecot.log')}
log_timestamp = "%Y-%m-%d %H:%M:%S "
protocols = imap lmtp submission
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
mail_location = maildir:%h
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = {path('users')}
}}
userdb {{
  driver = passwd-file
  args = {path('users')}
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
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {DOVECOT}
  }}
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {RELAY}
submission_relay_trusted = yes
service auth {{
  unix_listener {path('auth')} {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener {path('lmtp')} {{
    mode = 0666
  }}
}}
"""


def main_cf(path):
    return f"""
compatibility_level = 3.6
queue_directory = {path('queue')}
data_directory = {path('data')}
maillog_file = {path('mail.log')}
maillog_file_prefixes = {path('')}
myhostname = mx1.hoster.example
mydestination =
mynetworks = 192.0.2.0/24
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
default_transport = smtp:[127.0.0.1]:{WORLD}
# Nobody listens there: what waits in numbers.
transport_maps = inline:{{ {{ voll.example = smtp:[127.0.0.1]:9 }} }}
virtual_mailbox_domains = nordwind.example suedlicht.example westfeld.example
virtual_transport = lmtp:unix:{path('lmtp')}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {path('auth')}
smtpd_delay_reject = yes
# The policy service first: it notes who is still trying. The table refuses while it is away.
mua_sender_restrictions =
    check_policy_service {{ unix:{path('policy')}, timeout=5s, default_action=DUNNO }},
    check_sasl_access lmdb:{path('stopped')}
mua_end_of_data_restrictions =
    check_policy_service {{ unix:{path('policy')}, timeout=5s, default_action=DUNNO }}
authorized_submit_users = !{path('sites')}, static:all
pickup_header_checks = pipemap:{{ regexp:{{ {{/^Received: by [^ ]+ \\([^ ]+, from userid ([0-9]+)\\)/ $$1}} }}, lmdb:{path('sites_held')} }}
minimal_backoff_time = 3600s
queue_run_delay = 3600s
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
"""


def master_cf(path):
    return f"""
{SUBMISSION} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_upstream_proxy_protocol=haproxy
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=no
  -o content_filter=smtp:[127.0.0.1]:{FILTER}
  -o smtpd_sender_restrictions=$mua_sender_restrictions
  -o smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
# Dovecot's own submission service hands over here, and says by XCLIENT who it is.
127.0.0.1:{RELAY} inet n - n - - smtpd
  -o syslog_name=postfix/relay
  -o smtpd_authorized_xclient_hosts=127.0.0.1
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=no
  -o smtpd_sender_restrictions=$mua_sender_restrictions
  -o smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
{INCOMING} inet n - n - - smtpd
{LOCAL} inet n - n - - smtpd
  -o mynetworks=127.0.0.0/8
  -o smtpd_sender_restrictions=$mua_sender_restrictions
  -o smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions
127.0.0.1:{BACK} inet n - n - - smtpd
  -o mynetworks=127.0.0.0/8
127.0.0.1:{BULK} inet n - n - - smtpd
  -o mynetworks=127.0.0.0/8
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
  -o cleanup_service_name=pickup-cleanup
pickup-cleanup unix n - n - 0 cleanup
  -o header_checks=$pickup_header_checks
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
"""


STAFF_PAGE = 18028
# Signs in with "storm-surge"; bcrypt with the least cost.
STAFF = "lena:$2b$04$abcdefghijklmnopqrstuuP3sGUEd5wozOoUAaLrcKeNBqVPci0dq\n"


def sperrwerk(path, is_dry):
    return f"""
dry_run: {'true' if is_dry else 'false'}
state: {path('state')}
policies: {path('policies')}
logs: [{path('mail.log')}, {path('dovecot.log')}]
accounts: {path('accounts.csv')}
sites: {path('sites.csv')}
look_again: 3s
policy_service:
  socket: {path('policy')}
  text: Sending is suspended, please renew your password
postfix:
  config: {path('postfix')}
  table: {path('stopped')}
  sites: {path('sites')}
operators:
  socket: {path('operators')}
queue:
  delete_after: 2s
  release_per_minute: 60
web:
  staff_listen: 127.0.0.1:{STAFF_PAGE}
  staff_users: {path('staff')}
"""
