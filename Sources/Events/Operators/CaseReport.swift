/// Where a case stands.
public enum CaseState: String, Codable, CaseIterable, Sendable {
  case watched, held, suspended, notified, reported, verified, restored, probation, closed
  case dismissed

  /// Sending is held or suspended.
  public var isStopped: Bool {
    switch self {
    case .held, .suspended, .notified, .reported, .verified: true
    default: false
    }
  }
}

/// A case in a list.
public struct CaseSummary: Codable, Equatable, Sendable {
  public struct Counts: Codable, Equatable, Sendable {
    /// Mails sent within the 24 hours before sending was stopped.
    public var mailsBefore = 0
    /// What was still handed over, or tried, since then.
    public var messagesSince = 0
    public var recipientsSince = 0
    public var addressesSince = 0
    public var networksSince = 0

    public init() {}
  }

  public struct Outcome: Codable, Equatable, Sendable {
    public var time: Instant
    public var action: Transition.Action
    /// Who ordered it, where it was not the machine.
    public var actor: String?
    public var reason: String

    public init(_ step: Transition) {
      (time, action, actor, reason) = (step.time, step.action, step.actor, step.reason)
    }
  }

  public var number: Int
  public var state: CaseState
  /// A login, or a website as `uid:5012`.
  public var subject: String
  public var customer: String?
  public var reseller: String?
  /// Nil where an operator began it.
  public var policy: String?
  public var openedAt: Instant
  /// When sending was stopped; nil where it never was.
  public var stoppedAt: Instant?
  /// Why, in the words of the step that stopped its sending last.
  public var reason: String
  /// What opened it again.
  public var outcome: Outcome?
  /// Cases of the same number are one incident, and are restored together.
  public var incident: Int?
  public var counts = Counts()

  public init(
    number: Int, state: CaseState, subject: String, policy: String?, openedAt: Instant,
    stoppedAt: Instant?, reason: String
  ) {
    (self.number, self.state, self.subject) = (number, state, subject)
    (self.policy, self.openedAt, self.stoppedAt) = (policy, openedAt, stoppedAt)
    self.reason = reason
  }
}

/// A case with all its steps.
public struct CaseDetail: Codable, Equatable, Sendable {
  /// One step, as the ledger has it.
  public struct Step: Codable, Equatable, Sendable {
    public var number: Int
    public var time: Instant
    public var action: Transition.Action
    /// Who ordered it, where it was not the machine: `uid 1000`, `staff anna`.
    public var actor: String?
    public var policy: String?
    public var reason: String
    /// Of a hold: when it ends by itself.
    public var due: Instant?
    /// The numbers that the policy saw.
    public var readings: [Transition.Reading]
    /// The log lines that stand behind it.
    public var evidence: [Transition.Evidence]

    public init(_ transition: Transition) {
      (number, time, action) = (transition.step, transition.time, transition.action)
      (actor, policy, reason) = (transition.actor, transition.policy, transition.reason)
      (due, readings) = (transition.due, transition.readings)
      evidence = transition.evidence
    }
  }

  /// Who still tries to send.
  public struct Attempt: Codable, Equatable, Sendable {
    public var address: String
    public var count: Int
    public var last: Instant

    public init(address: String, count: Int, last: Instant) {
      (self.address, self.count, self.last) = (address, count, last)
    }
  }

  /// A mailbox or website of the incident, and what its way back still lacks.
  public struct Member: Codable, Equatable, Sendable {
    public var caseNumber: Int
    public var subject: String
    public var state: CaseState
    /// When the customer said that its password is renewed.
    public var reportedAt: Instant?
    /// When the renewal was seen, later than the suspension and not by the thief.
    public var renewedAt: Instant?
    /// An operator has said that it needs no renewal.
    public var isWaived = false

    public init(caseNumber: Int, subject: String, state: CaseState) {
      (self.caseNumber, self.subject, self.state) = (caseNumber, subject, state)
    }
  }

  public var summary: CaseSummary
  public var steps: [Step]
  public var stillTried: [Attempt] = []
  /// Why a suspension was made a hold by the brakes, which try it again when their hour is over; nil where none was.
  public var braked: String?
  /// The settings, as they are now, of the policy that decided.
  public var settings: [Transition.Reading] = []
  /// The case itself, and the others of its incident.
  public var members: [Member] = []

  public init(summary: CaseSummary, steps: [Step]) {
    (self.summary, self.steps) = (summary, steps)
  }
}
