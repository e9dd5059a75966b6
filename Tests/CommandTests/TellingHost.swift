import Foundation
import Testing

/// A service that acts and tells, on a mail system of scripts: what `sendmail` takes lands in a folder and is
/// logged as Postfix logs it.
final class TellingHost: RunningService {
  private var number = 0

  /// - Parameters:
  ///   - accounts: lines behind `account,customer,contact,locale`.
  ///   - sendmail: what the program does once it has taken a message; `$id` is its Message-ID, `$queue` its queue id.
  ///   - more: further settings.
  init(accounts: String, sendmail: String = "", more: String = "") throws {
    try super.init(folders: ["state", "sink"], files: ["mail.log", "changes.log"])
    try ("account,customer,contact,locale\n" + accounts).write(
      toFile: folder + "/accounts.csv", atomically: true, encoding: .utf8)
    try script(
      "postmap",
      """
      case "$*" in *-q*) ;; *) cat > /dev/null; exit 0;; esac
      while [ "$1" != -q ]; do shift; done
      found=$(grep -F "$2 " \(folder)/table) || exit 1
      echo "${found#* }"
      """)
    try script("postsuper", "cat > /dev/null")
    try script(
      "sendmail",
      """
      taken=$(mktemp \(folder)/sink/XXXXXX.part)
      cat > $taken
      mv $taken ${taken%.part}.eml
      id=$(sed -n 's/^Message-ID: //p' ${taken%.part}.eml)
      queue=$(printf '%XFB0' $((0x500000 + $$)))
      log() { echo "$(date -Is) mx1 $1: $queue: $2" >> \(folder)/mail.log; }
      log postfix/pickup[1] "uid=$(id -u) from=<>"
      log postfix/cleanup[1] "message-id=$id"
      \(sendmail)
      """)
    try """
    dry_run: false
    state: \(folder)/state
    policies: \(root)/policies
    logs: [\(folder)/mail.log]
    accounts: \(folder)/accounts.csv
    password_changes: \(folder)/changes.log
    restore_needs_report: false
    thief_quiet: 0s
    policy_service:
      socket: \(folder)/policy
    postfix:
      table: \(folder)/table
      sites: \(folder)/sites
      postmap: \(folder)/postmap
      postsuper: \(folder)/postsuper
      postqueue: /bin/true
    operators:
      socket: \(folder)/operators
    brakes:
      least: 1000
      suspensions: 1000
    sendmail: \(folder)/sendmail
    \(more)
    """.write(toFile: settings, atomically: true, encoding: .utf8)
  }

  // MARK: The world

  private func append(_ text: String, to name: String) {
    guard let log = FileHandle(forUpdatingAtPath: folder + "/" + name) else { return }
    // Scripts write there too: only an appending handle overwrites nothing.
    _ = fcntl(log.fileDescriptor, F_SETFL, O_APPEND)
    log.write(Data(text.utf8))
  }

  /// A login whose mail is refused as spam, until it must be suspended.
  func steal(_ login: String, from address: String = "203.0.113.9") {
    let time = Date().formatted(.iso8601)
    var text = ""
    for _ in 0..<20 {
      number += 1
      let id = "AB\(String(format: "%05X", number))FB0"
      text += """
        \(time) mx1 postfix/submission/smtpd[1]: \(id): client=unknown[\(address)], sasl_method=PLAIN, sasl_username=\(login)
        \(time) mx1 postfix/qmgr[1]: \(id): from=<x@y.example>, size=1000, nrcpt=1 (queue active)
        \(time) mx1 postfix/smtp[1]: \(id): to=<o@d\(number % 9).example>, relay=mx.d\(number % 9).example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx said: 554 5.7.1 Message rejected as spam by content filter)

        """
    }
    append(text, to: "mail.log")
  }

  func login(_ login: String, from address: String) {
    number += 1
    append(
      "\(Date().formatted(.iso8601)) mx1 dovecot: imap-login: Login: user=<\(login)>, method=PLAIN, "
        + "rip=\(address), lip=192.0.2.1, mpid=1, TLS, session=<s\(number)>\n", to: "mail.log")
  }

  /// In parts of a second: it is after what the log told of before.
  func renew(_ login: String, ahead seconds: TimeInterval = 0) {
    let time = Date(timeIntervalSinceNow: seconds).formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    append("\(time) \(login)\n", to: "changes.log")
  }

  /// What `sendmail` has taken: recipient, subject and Message-ID, in no order.
  var mails: [(to: String, subject: String, id: String, text: String)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/sink")) ?? []
    return names.filter { $0.hasSuffix(".eml") }.compactMap { name in
      guard let text = try? String(contentsOfFile: folder + "/sink/" + name, encoding: .utf8) else {
        return nil
      }
      func header(_ name: String) -> String {
        text.split(separator: "\n").first { $0.hasPrefix(name + ": ") }.map {
          String($0.dropFirst(name.count + 2))
        } ?? ""
      }
      return (header("To"), header("Subject"), header("Message-ID"), text)
    }
  }
}
