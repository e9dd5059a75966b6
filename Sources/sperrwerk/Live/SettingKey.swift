import Events
import Policy

/// One setting of the service: its name, what it may be, and what it means. The settings file, its check and
/// the file that `sperrwerk init` writes come from this one list.
struct SettingKey {
  enum Shape: Equatable {
    case text, flag, count, share, span, address, list, networks
    case choice([String])
  }

  let name: String
  let shape: Shape
  /// As it stands in the file; empty where there is none.
  let initial: String
  let meaning: String
  /// A reload takes it; else a restart does.
  let reloads: Bool

  static let all = service + web + telling

  private static let service: [SettingKey] = [
    SettingKey("dry_run", .flag, "true", "Say what would be done, and touch nothing."),
    SettingKey("state", .text, "/var/lib/sperrwerk", "Folder of all that the service remembers."),
    SettingKey(
      "privileges", .list, "[]",
      "What stands before programs that only root may run, such as [/usr/bin/sudo, -n, --]."),
    SettingKey("policies", .text, "/etc/sperrwerk/policies", "Folder of policies.", reloads: true),
    SettingKey("logs", .list, "[/var/log/mail.log]", "Mail logs to follow."),
    SettingKey(
      "journal", .text, "",
      "The systemd journal to follow too: 'system', or a folder of journal files. Lines that another program "
        + "writes under the mail system's name are refused."),
    SettingKey(
      "journal_matches", .list, "[SYSLOG_FACILITY=2]",
      "What is read of the journal: FIELD=VALUE, a unit, or a program's name; any of them. [] is all of it."
    ),
    SettingKey("zone", .text, "", "Offset of stamps without a zone, such as \"+01:00\"."),
    SettingKey(
      "warm_up", .span, "8d",
      "How much of the old logs is read at start, to know everybody's habits."),
    SettingKey("accounts", .text, "", "Table of mailboxes (CSV).", reloads: true),
    SettingKey("sites", .text, "", "Table of websites (CSV).", reloads: true),
    SettingKey(
      "tables_every", .span, "30s",
      "How often these and contacts are looked at: a change is taken when it rests; 0s: never."),
    SettingKey(
      "accounts_query", .text, "",
      "SQL that gives the same columns as the table of accounts, from database.connection."),
    SettingKey("sites_query", .text, "", "The same for websites."),
    SettingKey("directory_every", .span, "1h", "How often those two are asked."),
    SettingKey(
      "password_changes", .text, "",
      "Log of password changes. Who may write it can open accounts; users choose their names in it."
    ),
    SettingKey("geo", .text, "", "Database of countries (.mmdb)."),
    SettingKey("asn", .text, "", "Database of networks (.mmdb)."),
    SettingKey(
      "own_networks", .networks, "[]",
      "Networks of your own, such as a webmail server's: many work from there, so it is nobody's place. Loopback "
        + "and this host's own addresses always are.", reloads: true),
    SettingKey(
      "restore_needs_report", .flag, "true",
      "Restore only when the customer has also said that the passwords are renewed.", reloads: true),
    SettingKey(
      "thief_quiet", .span, "10m",
      "A new password so soon after a login from an address of the case may be the thief's: staff must restore."
    ),
    SettingKey(
      "policy_service.socket", .text, "/var/spool/postfix/sperrwerk/policy",
      "Where Postfix asks: a unix socket."),
    SettingKey(
      "policy_service.address", .address, "", "Or a TCP address, such as 127.0.0.1:10031."),
    SettingKey(
      "policy_service.text", .text,
      "Sending is suspended: your password was stolen. Please renew it and tell us.",
      "What the customer's mail program shows. Printable ASCII, one line."),
    SettingKey("postfix.config", .text, "", "Postfix's folder, where it is not /etc/postfix."),
    SettingKey(
      "postfix.table", .text, "/var/lib/sperrwerk-postfix/accounts",
      "Table for check_sasl_access lmdb:, which stops accounts while this service is away."),
    SettingKey(
      "postfix.sites", .text, "/var/lib/sperrwerk-postfix/websites",
      "File for authorized_submit_users = !FILE, static:all."),
    SettingKey(
      "postfix.held_sites", .text, "",
      "Table for pickup's header_checks, which hold websites; left out, it is postfix.sites with _held behind it."
    ),
    SettingKey("postfix.postconf", .text, "/usr/sbin/postconf", "Program."),
    SettingKey("postfix.postmap", .text, "/usr/sbin/postmap", "Program."),
    SettingKey("postfix.postsuper", .text, "/usr/sbin/postsuper", "Program."),
    SettingKey("postfix.postqueue", .text, "/usr/sbin/postqueue", "Program."),
    SettingKey(
      "queue.poll", .span, "60s", "How often the mail queue is looked at (postqueue -j); 0s: never."
    ),
    SettingKey(
      "look_again", .span, "5m",
      "How often is looked whether all that is stopped still is: panels overwrite tables; 0s: never."
    ),
    SettingKey(
      "queue.delete_after", .span, "1d",
      "How long deleted mail is only held, so that it can be undone.", reloads: true),
    SettingKey(
      "queue.release_per_minute", .count, "100", "Released mail goes out at this pace.",
      reloads: true),
    SettingKey(
      "queue.after_restore", .choice(QueueChoice.allCases.map(\.rawValue)), "keep",
      "What becomes of held mail when a suspension ends, unless the policy says it: keep (on hold, the operator is "
        + "told), release, delete.",
      reloads: true),
    SettingKey("dovecot.doveadm", .text, "", "Program that ends sessions: /usr/bin/doveadm."),
    SettingKey(
      "operators.socket", .text, "/run/sperrwerk/operators",
      "Where operators' commands arrive; who may open this file may give them."),
    SettingKey(
      "brakes.suspensions", .count, "10", "Suspensions in an hour, over all and a reseller.",
      reloads: true),
    SettingKey(
      "brakes.share", .share, "0.02", "At most this share of the accounts that send.",
      reloads: true),
    SettingKey("brakes.least", .count, "3", "But never under this many.", reloads: true),
    SettingKey(
      "freshness.silence", .span, "1h",
      "After so long without a line a log is an alert; a quiet night must be shorter. 0s: never."),
    SettingKey(
      "freshness.logs", .list, "[]", "Limits of single logs: [/var/log/dovecot.log=12h]."),
    SettingKey(
      "freshness.unreadable", .share, "0.2",
      "An alert where more than this share of a log's lines is of no known form."),
    SettingKey(
      "freshness.unattributed", .share, "0.3",
      "An alert where more than this share of an hour's messages is nobody's."),
    SettingKey(
      "passwords.pattern", .text, "",
      "Form of a line of password_changes where it is none of the known ones, with {time}, {account}, and "
        + "if need be {address}, {word}, {number}: "
        + "'{time} panel[{number}]: password changed for {account} from {address}'."),
    SettingKey(
      "passwords.every", .span, "60s",
      "How often the sources below are asked, for accounts that are suspended."),
    SettingKey(
      "passwords.zone", .text, "",
      "Offset of their times without a zone; empty is this machine's. A wrong one opens accounts too early or "
        + "never: PostfixAdmin writes its server's local time."),
    SettingKey(
      "passwords.query", .text, "",
      "SQL that gives one time for :user, such as SELECT MAX(timestamp) FROM log WHERE "
        + "action='edit_password' AND data=:user. A column that moves with every edit (mailbox.modified) "
        + "opens accounts whose password is as it was."),
    SettingKey(
      "passwords.command", .list, "[]",
      "A program and its arguments, with :user, that prints the time of the last change, or nothing. "
        + "An account's creation is no change."),
    SettingKey(
      "passwords.passwd_file", .text, "",
      "Dovecot's passwd-file: another hash than at the suspension is a change. A rehash at login is one too, "
        + "and so is the same password set again."),
    SettingKey(
      "passwords.hash_query", .text, "",
      "The same by SQL, such as SELECT password FROM mailbox WHERE username=:user. Only a keyed hash of it "
        + "is kept, while the case is open."),
    SettingKey(
      "passwords.key", .text, "", "File with the key of that hash; empty: one in the state folder."),
    SettingKey(
      "database.connection", .text, "",
      "ODBC: Driver=PostgreSQL Unicode;Servername=/run/postgresql;Database=panel;Uid=sperrwerk. "
        + "A password belongs into the environment: SPERRWERK_DATABASE_CONNECTION."),
    SettingKey("keep", .span, "30d", "How long a case is kept after it is over.", reloads: true),
  ]

  init(
    _ name: String, _ shape: Shape, _ initial: String, _ meaning: String, reloads: Bool = false
  ) {
    (self.name, self.shape, self.initial, self.meaning) = (name, shape, initial, meaning)
    self.reloads = reloads
  }

  // MARK: Values

  static let environmentPrefix = "SPERRWERK_"

  /// `brakes.least` is `SPERRWERK_BRAKES_LEAST`.
  var environmentName: String {
    Self.environmentPrefix + String(name.uppercased().map { $0 == "." ? "_" : $0 })
  }

  var initialValues: [String] {
    guard isList else { return [initial] }
    return initial.dropFirst().dropLast().split(separator: ",").map(String.init)
  }

  var isList: Bool { shape == .list || shape == .networks }

  /// Whether these can be its value; one, but for a list.
  func takes(_ values: [String]) -> Bool {
    switch shape {
    case .text: values.count == 1
    case .flag: ["true", "false"].contains(values.first)
    case .count: values.first.flatMap { Int($0) }.map { (0...1_000_000).contains($0) } == true
    case .share: values.first.flatMap(Double.init).map { (0...1).contains($0) } == true
    case .span: values.first.flatMap { TimeSpan($0) } != nil
    case .address: values == [""] || values.first.flatMap { ListenAddress($0) }.map(\.port) ?? 0 > 0
    case .list: !values.contains("")
    case .networks: values.allSatisfy { AddressRange($0) != nil }
    case .choice(let choices): values.count == 1 && choices.contains(values[0])
    }
  }

  /// What it must be, for messages.
  var demand: String {
    let what =
      switch shape {
      case .text: "one value"
      case .flag: "true or false"
      case .count: "a whole number, at most 1000000"
      case .share: "a share between 0 and 1"
      case .span: "a duration"
      case .address: "ADDRESS:PORT, such as 127.0.0.1:10031 or [::1]:10031"
      case .list: "a list"
      case .choice(let choices): "one of \(choices.joined(separator: ", "))"
      case .networks: "a list of addresses and networks, such as [127.0.0.1, 192.0.2.0/24]"
      }
    return "\(name) must be \(what)" + (initial.isEmpty ? "" : ", such as \(initial)")
  }
}
