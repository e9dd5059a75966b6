import Foundation
import Testing

/// A service with a log of its own.
final class Guarded: RunningService {
  /// How many mails the log tells of.
  private(set) var number = 0
  private var log: FileHandle?

  /// - Parameter more: further settings.
  init(dryRun: Bool, more: String = "") throws {
    try super.init(folders: ["state"], files: ["mail.log"])
    log = FileHandle(forWritingAtPath: folder + "/mail.log")
    try """
    dry_run: \(dryRun)
    state: \(folder)/state
    policies: \(root)/policies
    logs: [\(folder)/mail.log]
    policy_service:
      socket: \(folder)/policy
    postfix:
      table: \(folder)/table
      sites: \(folder)/sites
      postsuper: /bin/true
    operators:
      socket: \(folder)/operators
    \(more)
    """.write(toFile: settings, atomically: true, encoding: .utf8)
  }

  /// A mail of `login` that a remote server refuses as spam.
  /// - Parameter seconds: how far the log's clock is ahead.
  func spam(_ login: String, ahead seconds: TimeInterval = 0) {
    number += 1
    let id = "AB\(String(format: "%05X", number))FB0"
    let time = Date(timeIntervalSinceNow: seconds).formatted(.iso8601)
    log?.write(
      Data(
        """
        \(time) mx1 postfix/submission/smtpd[1]: \(id): client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=\(login)
        \(time) mx1 postfix/qmgr[1]: \(id): from=<x@y.example>, size=1000, nrcpt=1 (queue active)
        \(time) mx1 postfix/smtp[1]: \(id): to=<o@d\(number % 9).example>, relay=mx.d\(number % 9).example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx said: 554 5.7.1 Message rejected as spam by content filter)

        """.utf8))
  }
}
