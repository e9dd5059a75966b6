import Engine
import Events
import Glibc
import Synchronization

/// What the service says, a line each, to standard error: the journal adds time and name.
///
/// Anybody may speak at any time, also the loop: nothing here waits, and nothing ends the service.
enum LiveLog {
  private static let stream = Mutex(LogStream(STDERR_FILENO))

  /// A measurement says nothing.
  static let isSilent = Atomic<Bool>(false)

  static func say(_ text: String) {
    if isSilent.load(ordering: .relaxed) { return }
    let clean = String(text.map { ($0.asciiValue ?? 32) < 32 && $0 != "\n" ? "?" : $0 })
    stream.withLock { $0.write("sperrwerk: \(clean)") }
  }

  static func say(_ transition: Transition) {
    let number = transition.caseNumber.map { "case \($0): " } ?? ""
    let by = transition.actor ?? transition.policy
    say(
      "\(number)\(transition.action.rawValue) \(transition.subject ?? "")\(allowed(transition))"
        + "\(by.map { " by \($0)" } ?? ""): \(transition.reason)")
  }

  /// What an entry of the lists allows.
  private static func allowed(_ transition: Transition) -> String {
    guard transition.action == .allow else { return "" }
    let what =
      (transition.policy.map { ["policy \($0)"] } ?? [])
      + transition.readings.map { "\($0.name) \($0.value)" }
    return " (\(what.joined(separator: ", ")))"
  }
}
