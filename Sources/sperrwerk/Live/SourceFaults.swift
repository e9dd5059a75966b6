import Events
import Synchronization

/// Whether what is asked again and again still answers: an alert when a source goes from well to faulty, and then
/// one an hour. Its text is always the same for a source; what exactly is wrong, which may be something else at each
/// look, goes to the log.
final class SourceFaults: Sendable {
  private struct Fault {
    var detail: String
    var raisedAt: Instant
  }

  /// By source. The settings name them: they are few.
  private let faults = Mutex<[String: Fault]>([:])
  private let raise: @Sendable (String) -> Void
  private let say: @Sendable (String) -> Void

  private static let pause = TimeSpan(seconds: 3600)

  init(
    raise: @escaping @Sendable (String) -> Void = { Alerts.raise($0) },
    say: @escaping @Sendable (String) -> Void = { LiveLog.say($0) }
  ) {
    (self.raise, self.say) = (raise, say)
  }

  /// What fails now, for `status`: the source and what is wrong with it.
  var now: [String] {
    faults.withLock { $0.map { "\($0.key): \($0.value.detail)" } }.sorted()
  }

  /// - Parameters:
  ///   - detail: what is wrong now.
  ///   - meaning: what follows from it, the same words each time.
  ///   - now: of a clock that nobody sets.
  func failed(_ source: String, _ meaning: String, _ detail: String, at now: Instant) {
    let (isNew, isDue) = faults.withLock { faults in
      let known = faults[source]
      let isDue = known.map { now - $0.raisedAt >= Self.pause } ?? true
      faults[source] = Fault(
        detail: detail, raisedAt: isDue ? now : known?.raisedAt ?? now)
      return (known?.detail != detail, isDue)
    }
    if isNew || isDue { say("\(source): \(detail)") }
    if isDue { raise("\(source) fails: \(meaning); the log says why") }
  }

  func worked(_ source: String) {
    let wasFaulty = faults.withLock { $0.removeValue(forKey: source) != nil }
    if wasFaulty { say("\(source) works again") }
  }
}
