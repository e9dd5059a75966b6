package import Events

/// What is known of one hijacking, from its first sign to its end.
package struct Case: Sendable {
  package typealias State = CaseState

  package let number: Int
  let subject: Int32
  package let subjectName: String
  package var state: State
  package var policy: String
  let openedAt: Instant
  package var transitions: [Transition] = []

  /// When sending was stopped, first by a hold or at once.
  var stoppedAt: Instant?
  var suspendedAt: Instant?
  var holds = 0
  var graceDue: Instant?
  var isRelapse = false
  var reportedAt: Instant?
  var renewedAt: Instant?
  var incident: Int?
  /// A suspension that the brakes made a hold: tried again when the hour is over.
  var braked: (policy: Int, reason: String)?

  /// Addresses that stand behind the decision: who changes the password from one of them is the thief.
  var addresses: Set<NetworkAddress> = []
  /// The last login from one of `addresses`.
  var lastThiefLogin: Instant?

  /// What came while sending was held or suspended: it would have been kept back or refused.
  package var since = SinceHold()
  /// Mails that the subject had sent within the 24 hours before its sending was stopped.
  package var mailsBefore = 0

  package struct SinceHold: Sendable {
    package var messages = 0
    package var recipients = 0
    var addresses: Set<NetworkAddress> = []
    var networks: Set<NetworkAddress> = []
    var newNetworks = 0
  }

  init(number: Int, subject: Int32, name: String, policy: String, at now: Instant) {
    self.number = number
    self.subject = subject
    subjectName = name
    self.policy = policy
    openedAt = now
    state = .watched
  }

  var isStopped: Bool { stoppedAt != nil && (state == .held || isSuspended) }
  var isSuspended: Bool {
    switch state {
    case .suspended, .notified, .reported, .verified: true
    default: false
    }
  }
  package var isOpen: Bool { state != .closed && state != .dismissed }
}
