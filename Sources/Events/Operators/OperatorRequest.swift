/// What an operator asks of the running service, as it travels over the socket: one JSON object a line.
///
/// The commands, the staff page and the contact form all ask by it; the loop alone answers.
public struct OperatorRequest: Codable, Equatable, Sendable {
  public enum Command: String, Codable, CaseIterable, Sendable {
    case status, cases, `case`, explain, lists, reload, backup
    case suspend, hold, restore, release, dismiss, waive, allow, disallow, forget
    case pause, resume
    /// Look at the queue, the passwords and the directory now.
    case poll
    case restoreAll = "restore-all"
    case releaseAll = "release-all"
    case queueList = "queue-list"
    case queueRelease = "queue-release"
    case queueDelete = "queue-delete"
    case queueKeep = "queue-keep"
    /// The customer's word that the passwords are renewed.
    case report
    /// What the bearer of a notice's link sees of a case and its incident.
    case incident
    /// Rejections and suspensions of the last day.
    case day

    /// Whether it changes something, and so must have a reason that stands in the ledger.
    public var needsReason: Bool {
      switch self {
      case .status, .cases, .case, .explain, .lists, .reload, .poll, .backup, .queueList, .report,
        .incident, .day:
        false
      default: true
      }
    }

    /// What is asked of a subject's queued mail, in a word; nil for commands about something else.
    public var queueWord: String? {
      switch self {
      case .queueList: "list"
      case .queueRelease: "release"
      case .queueDelete: "delete"
      case .queueKeep: "keep"
      default: nil
      }
    }
  }

  public var command: Command
  /// A login, or a website as `uid:5012`.
  public var subject: String?
  /// Instead of a subject: all mailboxes of this customer.
  public var customer: String?
  /// A case's number.
  public var number: Int?
  /// Of the contact form: the notice whose link is used.
  public var notice: Int64?
  public var reason: String?
  /// Of the mass undo and of `allow`: the policy.
  public var policy: String?
  /// Of the mass undo: since when (RFC 3339).
  public var since: Instant?
  /// Of `allow`: messages an hour that are its own volume, or the network that is known to be its own.
  public var volume: Double?
  public var network: String?
  /// Of `allow` and of `dismiss`: how long it holds.
  public var duration: TimeSpan?
  /// Of the mass undo: it is meant, and not only to be shown.
  public var isMeant: Bool?
  /// Of `cases`: also those that are over.
  public var withClosed: Bool?
  /// Of `backup`: the file to write.
  public var file: String?

  public init(
    _ command: Command, subject: String? = nil, number: Int? = nil, reason: String? = nil
  ) {
    (self.command, self.subject) = (command, subject)
    (self.number, self.reason) = (number, reason)
  }
}
