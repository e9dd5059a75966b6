import Collectors
import Events
import Glibc

/// Each log can be read, is a mail log, and somebody still writes to it.
struct LogExamination: Examination {
  static let area = Finding.Area.logs
  /// A mail server that logs nothing for so long has no mail, or no syslog.
  static let silence = TimeSpan(seconds: 6 * 3600)
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    let logs = settings.list("logs")
    if logs.isEmpty, settings.path("journal") != nil { return [] }
    if logs.isEmpty {
      return [note("no log file is followed", "name the mail logs in 'logs'")]
    }
    let rights = FileRights(settings)
    var findings: [Finding] = []
    for log in logs { findings += await look(at: log, rights) }
    return findings
  }

  private func look(at log: String, _ rights: FileRights) async -> [Finding] {
    guard await rights.grants(.read, log) else {
      return [
        finding(
          false, "log \(log) can be read",
          "name the mail log in 'logs', and let \(rights.who) read it (group adm)")
      ]
    }
    let now = MachineClock.wall
    let written = SourceOptions.lastChange(log) ?? .distantPast
    let age = now - written
    let lines = Self.lastLines(of: log)
    guard !lines.isEmpty else {
      return [
        finding(
          false, "log \(log) has lines",
          "it is empty: see that syslog or Postfix (maillog_file) writes there")
      ]
    }
    let events = Self.events(in: lines, now)
    return [
      finding(
        age < Self.silence, "log \(log): last written \(Self.text(age)) ago",
        "nobody writes there any more: see that syslog runs and that this is still its file"),
      finding(
        // A program's first lines tell of its start alone.
        events > 0 || lines.count < 50,
        "log \(log): \(events) of its last \(lines.count) lines tell of mail",
        "name Postfix's, Dovecot's or Exim's log in 'logs'"),
    ]
  }

  /// Days, hours, minutes or seconds, whole ones.
  static func text(_ age: TimeSpan) -> String {
    let seconds = max(0, age.seconds)
    for (letter, length) in [("d", Int64(86_400)), ("h", 3600), ("min", 60)]
    where seconds >= length { return "\(seconds / length) \(letter)" }
    return "\(seconds) s"
  }

  /// Whole lines of the file's last 64 KiB.
  static func lastLines(of path: String) -> [Substring] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let end = lseek(descriptor, 0, SEEK_END)
    let start = max(0, end - 65_536)
    _ = lseek(descriptor, start, SEEK_SET)
    var block = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe read(descriptor, &block, block.count)
    let lines = String(decoding: block.prefix(max(0, count)), as: UTF8.self)
      .split(separator: "\n")
    return Array(start > 0 ? lines.dropFirst() : lines[...]).suffix(200)
  }

  private static func events(in lines: [Substring], _ now: Instant) -> Int {
    var parser = LineParser(clock: LogClock(zone: .zero, reference: now))
    var event = LogEvent()
    return lines.count { line in
      let bytes = Array(line.utf8)
      return parser.parse(bytes.span, into: &event)
    }
  }
}
