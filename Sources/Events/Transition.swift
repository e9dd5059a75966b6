/// One step of a case, or a word to the operator: what the ledger keeps and a replay prints.
public struct Transition: Equatable, Sendable {
  public enum Action: String, Codable, CaseIterable, Sendable {
    case watch, hold, release, suspend, alert, braked, incident
    case reported, verified, unverified, restore, probation, closed, shadow
    /// An operator's word that it was a false alarm.
    case dismiss
    /// An operator's entry of the lists begins, or is taken back.
    case allow, disallow
    /// An operator stops all automatic actions, or lets them go on.
    case pause, resume
    /// An operator's word that a mailbox of an incident needs no renewal.
    case waive
    /// An operator's word about queued mail.
    case queue
    /// What became of an order: seen to hold, or not.
    case done, failed
    /// The customer is to be told of the suspension, or that sending is open again; and has been told.
    case notify
    case notifyRestored = "notify_restored"
    case notified
    /// A required mailbox has a new password, but not all have.
    case renewed
  }

  /// A log line that stands behind a decision.
  public struct Evidence: Codable, Equatable, Sendable {
    public var text: String
    public var file: String
    public var line: Int

    public init(text: String, file: String, line: Int) {
      (self.text, self.file, self.line) = (text, file, line)
    }
  }

  /// A number that a policy saw, by its window's name.
  public struct Reading: Codable, Equatable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) { (self.name, self.value) = (name, value) }
  }

  public var time: Instant
  public var action: Action
  /// The login, or `uid:5012`; nil where the operator alone is told.
  public var subject: String?
  public var policy: String?
  public var reason: String
  public var evidence: [Evidence] = []
  public var caseNumber: Int?
  public var readings: [Reading] = []
  /// Who ordered it, where it was not the machine: `uid 1000`.
  public var actor: String?
  /// Of a hold: when it ends by itself.
  public var due: Instant?
  /// Its place among the transitions of its case, from 1.
  public var step = 0
  /// Its place among all that the engine ever decided, from 1: the ledger takes each once.
  public var serial = 0

  public init(
    time: Instant, action: Action, subject: String?, policy: String?, reason: String,
    caseNumber: Int? = nil
  ) {
    (self.time, self.action, self.subject) = (time, action, subject)
    (self.policy, self.reason, self.caseNumber) = (policy, reason, caseNumber)
  }
}

/// What is to be done to a subject's sending, or said about it: the step of a case that the world outside must
/// take.
public struct Order: Equatable, Sendable {
  public enum Kind: String, Codable, Sendable {
    case suspend, hold, open, notify
    case notifyRestored = "notify_restored"

    /// A word to the customer: it changes nothing about sending.
    public var isNotice: Bool { self == .notify || self == .notifyRestored }
  }

  public var id: Int64
  public var caseNumber: Int
  public var subject: String
  public var kind: Kind

  public init(id: Int64, caseNumber: Int, subject: String, kind: Kind) {
    (self.id, self.caseNumber, self.subject, self.kind) = (id, caseNumber, subject, kind)
  }
}

extension Transition {
  /// What the world outside must do for this step; nil where nothing.
  public var orderKind: Order.Kind? {
    switch action {
    case .suspend: .suspend
    case .hold: .hold
    case .release, .restore, .dismiss: .open
    case .notify: .notify
    case .notifyRestored: .notifyRestored
    default: nil
    }
  }
}
