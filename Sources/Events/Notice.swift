/// What a customer is told, and who else belongs to it: plain values, as the ledger keeps them until it is sent.
public struct NoticeFacts: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, CaseIterable, Sendable { case suspended, restored }

  /// Somebody who may be told.
  public struct Contact: Codable, Equatable, Sendable {
    public var address: String
    /// `de`, `en`; nil is the host's language.
    public var language: String?
    /// Whoever has broken in may read this address too, or it cannot be ruled out: no link goes there.
    public var isInside: Bool

    public init(address: String, language: String?, isInside: Bool) {
      (self.address, self.language, self.isInside) = (address, language, isInside)
    }
  }

  public var kind: Kind
  public var caseNumber: Int
  /// The login, or `uid:5012`.
  public var subject: String
  public var isSite: Bool
  public var policy: String
  public var reason: String
  /// When sending was suspended, in microseconds since 1970.
  public var suspendedAt: Int64
  /// From where the case's mail or logins came.
  public var networks: [String]
  /// Every mailbox whose password must be renewed, the subject among them.
  public var mailboxes: [String]
  public var isRelapse: Bool
  public var language: String?
  /// Whom to tell, nearest first: the account's own contact, its customer's, its reseller's.
  public var contacts: [Contact]

  public init(
    kind: Kind, caseNumber: Int, subject: String, isSite: Bool, policy: String, reason: String,
    suspendedAt: Instant, networks: [String], mailboxes: [String], isRelapse: Bool,
    language: String?, contacts: [Contact]
  ) {
    (self.kind, self.caseNumber, self.subject, self.isSite) = (kind, caseNumber, subject, isSite)
    (self.policy, self.reason, self.networks) = (policy, reason, networks)
    (self.suspendedAt, self.isRelapse) = (suspendedAt.microseconds, isRelapse)
    (self.mailboxes, self.language, self.contacts) = (mailboxes, language, contacts)
  }
}
