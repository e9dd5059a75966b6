import Events
import Synchronization

/// What the service itself has to say to the operator: to the log at once, and to the other channels soon.
enum Alerts {
  private struct Inbox {
    var alerts: [Alert] = []
    var dropped = 0
  }

  private static let inbox = Mutex(Inbox())
  /// More than this many in one second are a flood, and say no more than these.
  private static let most = 200

  /// Never waits, never fails.
  static func raise(_ text: String, subject: String? = nil) {
    LiveLog.say("ALERT: \(text)")
    let alert = Alert(
      time: MachineClock.wall, kind: "service", subject: subject, text: text)
    inbox.withLock { inbox in
      if let same = inbox.alerts.firstIndex(where: { $0.repeats(alert) }) {
        inbox.alerts[same].count += 1
      } else if inbox.alerts.count < most {
        inbox.alerts.append(alert)
      } else {
        inbox.dropped += 1
      }
    }
  }

  /// What was raised since the last call, and how many found no room.
  static func take() -> (alerts: [Alert], dropped: Int) {
    inbox.withLock { inbox in
      defer { inbox = Inbox() }
      return (inbox.alerts, inbox.dropped)
    }
  }
}
