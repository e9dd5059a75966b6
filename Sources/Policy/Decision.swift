package import Events

/// What a policy's handler returned about the event's own subject.
package struct Decision: Equatable, Sendable {
  package enum Action: UInt8, CaseIterable, Sendable {
    case watch, hold, suspend, alert, evidence
    package var name: String { "\(self)" }
  }

  package var action: Action
  package var reason: String
  /// Of `suspend`: hold at once, and ask `grace_over` when this time is over.
  package var grace: TimeSpan?
  /// Of `evidence`: how much it weighs.
  package var points: Double?
  /// Of `suspend`: what becomes of the subject's queued mail when it is restored; nil: as the settings say.
  package var queue: QueueChoice?

  package init(
    action: Action, reason: String, grace: TimeSpan? = nil, points: Double? = nil,
    queue: QueueChoice? = nil
  ) {
    (self.action, self.reason, self.grace, self.points) = (action, reason, grace, points)
    self.queue = queue
  }
}

/// What becomes of held mail when a suspension ends.
package enum QueueChoice: String, CaseIterable, Sendable {
  /// It stays on hold, and the operator is told.
  case keep
  case release, delete
}

/// When a handler is called: a declared window's value must have reached a number (true counts as 1).
package struct Gate: Equatable, Sendable {
  /// The place of the window in the policy's `windows`.
  package var window: Int
  package var atLeast: Double

  package init(window: Int, atLeast: Double) { (self.window, self.atLeast) = (window, atLeast) }
}

/// The value of a window as a policy and an explanation see it.
package enum WindowValue: Equatable, Sendable {
  case none
  case number(Double)
  case flag(Bool)
  case text(String)
}
