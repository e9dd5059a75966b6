package import Events

/// What is known of one hijacking, from its first sign to its end.
package struct Case: Sendable {
  package typealias State = CaseState

  package private(set) var number: Int
  private(set) var subject: Int32
  package private(set) var subjectName: String
  package var state: State
  package var policy: String
  private(set) var openedAt: Instant
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
  var braked: String?

  /// Addresses that stand behind the decision: who changes the password from one of them is the thief.
  var addresses: Set<NetworkAddress> = []
  /// The last login from one of `addresses`.
  var lastThiefLogin: Instant?

  /// Mailboxes of the same customer that worked from a place of the case that was new to them too: renewed as
  /// well, or it is not over.
  var sharing: Set<String> = []
  /// The last login of each from one of `addresses`.
  var lastSharerLogin: [String: Instant] = [:]
  /// When those were renewed.
  var sharingRenewed: [String: Instant] = [:]
  /// Required mailboxes that an operator does without.
  var waived: Set<String> = []
  /// A change that did not verify: from then on staff must restore.
  var needsStaff = false

  /// What came while sending was held or suspended: it would have been kept back or refused.
  package var since = SinceHold()
  /// Mails that the subject had sent within the 24 hours before its sending was stopped.
  package var mailsBefore = 0

  package struct SinceHold: Sendable {
    package var messages = 0
    package var recipients = 0
    var addresses: Set<NetworkAddress> = []
    var networks: Set<NetworkAddress> = []
  }

  init(number: Int, subject: Int32, name: String, policy: String, at now: Instant) {
    self.number = number
    self.subject = subject
    subjectName = name
    self.policy = policy
    openedAt = now
    state = .watched
  }

  /// Also where IPv6 has changed the address since.
  func isThief(_ address: NetworkAddress) -> Bool {
    addresses.contains { $0.client == address.client }
  }

  var isStopped: Bool { stoppedAt != nil && (state == .held || isSuspended) }
  /// An operator does without the renewal of the case's own mailbox.
  var isWaived: Bool { waived.contains(subjectName) }
  var isSuspended: Bool {
    switch state {
    case .suspended, .notified, .reported, .verified: true
    default: false
    }
  }
  package var isOpen: Bool { state != .closed && state != .dismissed }
}

// MARK: Bytes

extension Case {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&number)
    try archive.keep(&subject)
    try archive.keep(&subjectName)
    try archive.keep(&state)
    try archive.keep(&policy)
    try archive.keep(&openedAt)
    try archive.keep(&transitions, or: .blank) { (step, archive) throws(SnapshotError) in
      try archive.keep(&step)
    }
    try archive.keep(&stoppedAt)
    try archive.keep(&suspendedAt)
    try archive.keep(&holds)
    try archive.keep(&graceDue)
    try archive.keep(&isRelapse)
    try archive.keep(&reportedAt)
    try archive.keep(&renewedAt)
    try archive.keep(&incident)
    try archive.keep(&braked)
    try archive.keep(&addresses)
    try archive.keep(&lastThiefLogin)
    try archive.keep(&sharing)
    try archive.keep(&lastSharerLogin)
    try archive.keep(&sharingRenewed)
    try archive.keep(&waived)
    try archive.keep(&needsStaff)
    try archive.keep(&since.messages)
    try archive.keep(&since.recipients)
    try archive.keep(&since.addresses)
    try archive.keep(&since.networks)
    try archive.keep(&mailsBefore)
  }
}
