/// One setting of the service: its name, what it may be, and what it means. The settings file, its check and
/// the file that `sperrwerk init` writes come from this one list.
struct SettingKey {
  enum Shape { case text, flag, number, span, list }

  let name: String
  let shape: Shape
  /// As it stands in the file; empty where there is none.
  let initial: String
  let meaning: String

  static let all: [SettingKey] = [
    SettingKey("dry_run", .flag, "true", "Say what would be done, and touch nothing."),
    SettingKey("state", .text, "/var/lib/sperrwerk", "Folder of the ledger."),
    SettingKey("policies", .text, "/etc/sperrwerk/policies", "Folder of policies."),
    SettingKey("logs", .list, "[/var/log/mail.log]", "Mail logs to follow."),
    SettingKey("zone", .text, "", "Offset of stamps without a zone, such as \"+01:00\"."),
    SettingKey(
      "warm_up", .span, "8d",
      "How much of the old logs is read at start, to know everybody's habits."),
    SettingKey("accounts", .text, "", "Table of mailboxes (CSV)."),
    SettingKey("sites", .text, "", "Table of websites (CSV)."),
    SettingKey("password_changes", .text, "", "Log of password changes."),
    SettingKey("geo", .text, "", "Database of countries (.mmdb)."),
    SettingKey("asn", .text, "", "Database of networks (.mmdb)."),
    SettingKey(
      "restore_needs_report", .flag, "false",
      "Restore only when the customer has also said that the passwords are renewed."),
    SettingKey(
      "policy_service.socket", .text, "/var/spool/postfix/private/sperrwerk",
      "Where Postfix asks: a unix socket."),
    SettingKey("policy_service.address", .text, "", "Or a TCP address, such as 127.0.0.1:10031."),
    SettingKey(
      "policy_service.text", .text,
      "Sending is suspended: your password was stolen. Please renew it and tell us.",
      "What the customer's mail program shows. Printable ASCII, one line."),
    SettingKey("postfix.config", .text, "", "Postfix's folder, where it is not /etc/postfix."),
    SettingKey(
      "postfix.table", .text, "/etc/postfix/sperrwerk_sasl",
      "Table for check_sasl_access lmdb:, which stops accounts while this service is away."),
    SettingKey(
      "postfix.sites", .text, "/etc/postfix/sperrwerk_websites",
      "File for authorized_submit_users = !FILE, static:all."),
    SettingKey("postfix.postmap", .text, "/usr/sbin/postmap", "Program."),
    SettingKey("postfix.postsuper", .text, "/usr/sbin/postsuper", "Program."),
    SettingKey("postfix.postqueue", .text, "/usr/sbin/postqueue", "Program."),
    SettingKey(
      "queue.delete_after", .span, "1d",
      "How long deleted mail is only held, so that it can be undone."),
    SettingKey("queue.release_per_minute", .number, "100", "Released mail goes out at this pace."),
    SettingKey("dovecot.doveadm", .text, "", "Program that ends sessions: /usr/bin/doveadm."),
    SettingKey(
      "operators.socket", .text, "/run/sperrwerk/operators",
      "Where operators' commands arrive; who may open this file may give them."),
    SettingKey(
      "brakes.suspensions", .number, "10", "Suspensions in an hour, over all and a reseller."),
    SettingKey("brakes.share", .number, "0.02", "At most this share of the accounts that send."),
    SettingKey("brakes.least", .number, "3", "But never under this many."),
    SettingKey("keep", .span, "30d", "How long a case is kept after it is over."),
  ]

  private init(_ name: String, _ shape: Shape, _ initial: String, _ meaning: String) {
    (self.name, self.shape, self.initial, self.meaning) = (name, shape, initial, meaning)
  }
}
