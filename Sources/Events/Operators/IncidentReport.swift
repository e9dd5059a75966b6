/// What the bearer of a notice's link may know: the cases that are restored together, and how far each is.
public struct IncidentReport: Codable, Equatable, Sendable {
  public struct Member: Codable, Equatable, Sendable {
    public var caseNumber: Int
    /// The login, or `uid:5012`.
    public var subject: String
    /// When sending was stopped.
    public var stoppedAt: Instant?
    /// Mail is kept back, not refused.
    public var isHeld = false
    /// The customer says that the password is renewed.
    public var isReported = false
    /// When a password change was seen that counts.
    public var renewedAt: Instant?
    /// An operator has said that it needs no renewal.
    public var isWaived = false
    /// Sending is open.
    public var isOpen = false
    /// What was seen does not suffice: an operator must decide.
    public var needsStaff = false

    public init(caseNumber: Int, subject: String) {
      (self.caseNumber, self.subject) = (caseNumber, subject)
    }
  }

  /// By case number.
  public var members: [Member]

  public init(members: [Member]) { self.members = members }
}
