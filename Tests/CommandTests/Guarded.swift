import Foundation
import Testing

/// Answers as postmap does, and keeps the table as a text: the real one is for the end-to-end story.
private let postmap = """
  # postmap [-c DIR] [-q KEY | -d KEY | -r -i] lmdb:PATH
  while [ $# -gt 1 ]; do
    case "$1" in -c) shift ;; -q | -d) act="$1" key="$2"; shift ;; -i) act=-i ;; esac
    shift
  done
  path="${1#lmdb:}" table="${1#lmdb:}.lmdb"
  touch "$table"
  # Locked, as the real one does: one that a killed service has left behind is still at work.
  exec 9> "$table.lock" && flock 9
  case "$act" in
    -q) sed -n "s/^$key //p" "$table" | grep . ;;
    -d) sed -i "/^$key /d" "$table" ;;
    -i) while read -r line; do sed -i "/^${line%% *} /d" "$table"; echo "$line" >> "$table"; done ;;
    *) grep -v '^#' "$path" > "$table" || true ;;
  esac

  """

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
      postqueue: /bin/true
    operators:
      socket: \(folder)/operators
    \(more)
    """.write(toFile: settings, atomically: true, encoding: .utf8)
  }

  /// One that acts, on a table of its own.
  /// - Parameter postsuper: what a shell does as postsuper.
  static func acting(more: String = "", postsuper: String = "cat > /dev/null") throws -> Guarded {
    let service = try Guarded(dryRun: false, more: more)
    let programs = ["postmap": postmap, "postsuper": postsuper, "postqueue": "true"]
    for (name, text) in programs { try service.script(name, text) }
    try service.script("sendmail", "cat > /dev/null")
    let path = service.folder
    let text =
      try String(contentsOfFile: service.settings, encoding: .utf8).replacing(
        "  postsuper: /bin/true\n  postqueue: /bin/true",
        with: programs.keys.sorted().map { "  \($0): \(path)/\($0)" }.joined(separator: "\n"))
      + "\nsendmail: \(path)/sendmail\n"
    try text.write(toFile: service.settings, atomically: true, encoding: .utf8)
    return service
  }

  /// A mail of `login` that a remote server refuses as spam.
  /// - Parameters:
  ///   - count: so many, in one write.
  ///   - seconds: how far the log's clock is ahead.
  func spam(_ login: String, count: Int = 1, ahead seconds: TimeInterval = 0) {
    let time = Date(timeIntervalSinceNow: seconds).formatted(.iso8601)
    var lines = ""
    for _ in 0..<count {
      number += 1
      let id = "AB\(String(format: "%05X", number))FB0"
      lines += """
        \(time) mx1 postfix/submission/smtpd[1]: \(id): client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=\(login)
        \(time) mx1 postfix/qmgr[1]: \(id): from=<x@y.example>, size=1000, nrcpt=1 (queue active)
        \(time) mx1 postfix/smtp[1]: \(id): to=<o@d\(number % 9).example>, relay=mx.d\(number % 9).example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx said: 554 5.7.1 Message rejected as spam by content filter)

        """
    }
    log?.write(Data(lines.utf8))
  }

  /// A mail of `login` that is still on its way.
  func takeOn(_ login: String, _ id: String) {
    let time = Date().formatted(.iso8601)
    log?.write(
      Data(
        """
        \(time) mx1 postfix/submission/smtpd[1]: \(id): client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=\(login)
        \(time) mx1 postfix/qmgr[1]: \(id): from=<x@y.example>, size=1000, nrcpt=1 (queue active)

        """.utf8))
  }
}
