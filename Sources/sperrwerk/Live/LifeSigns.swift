import Events

/// When the service manager is told that the loop still turns: at half of what it waits, and only by the loop.
///
/// Time is handed in, from a clock that is never set. Source: sd_notify(3), sd_watchdog_enabled(3).
struct LifeSigns {
  /// Nil where nobody watches.
  private let pause: TimeSpan?
  private var lastSign = Instant.distantPast
  private var lastStatus = Instant.distantPast
  private var status = ""
  private var lastExtension = Instant.distantPast

  /// A status is told no more often than this.
  private static let statusPause = TimeSpan(seconds: 5)
  /// While old logs are read, the start is given this much longer, again and again.
  static let patience = TimeSpan(seconds: 60)

  /// - Parameter watchdog: after this long without a sign the service is taken for stuck.
  init(watchdog: TimeSpan?) {
    pause = watchdog.map { TimeSpan(microseconds: $0.microseconds / 2) }
  }

  /// What is to be told after a turn of the loop; nil where nothing is due.
  mutating func turn(at now: Instant, status text: () -> String) -> String? {
    var words: [String] = []
    if let pause, now - lastSign >= pause {
      lastSign = now
      words.append("WATCHDOG=1")
    }
    if now - lastStatus >= Self.statusPause {
      lastStatus = now
      let fresh = Self.oneLine(text())
      if fresh != status { words.append("STATUS=\(fresh)") }
      status = fresh
    }
    return words.isEmpty ? nil : words.joined(separator: "\n")
  }

  /// What is to be told while old logs are read, before the service is ready.
  mutating func warming(at now: Instant, status text: () -> String) -> String? {
    guard now - lastExtension >= TimeSpan(microseconds: Self.patience.microseconds / 6) else {
      return nil
    }
    lastExtension = now
    return "EXTEND_TIMEOUT_USEC=\(Self.patience.microseconds)\nSTATUS=\(Self.oneLine(text()))"
  }

  /// A line break would begin another message.
  static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
