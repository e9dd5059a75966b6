/// How the running service is, at one look.
public struct StatusReport: Codable, Equatable, Sendable {
  public enum Mode: String, Codable, Sendable {
    /// Says what it would do, and touches nothing.
    case dryRun = "dry_run"
    case acting
  }

  /// A log, the journal, the queue: what the service reads.
  public struct Source: Codable, Equatable, Sendable {
    public var name: String
    public var lines: Int
    /// When its newest event happened; nil where there was none.
    public var lastEvent: Instant?
    /// What is wrong with it; nil where nothing is.
    public var fault: String?

    public init(name: String, lines: Int, lastEvent: Instant?, fault: String? = nil) {
      (self.name, self.lines, self.lastEvent, self.fault) = (name, lines, lastEvent, fault)
    }
  }

  /// An operator's word that stops all automatic actions.
  public struct Pause: Codable, Equatable, Sendable {
    public var since: Instant
    /// `uid 1000`.
    public var actor: String
    public var reason: String

    public init(since: Instant, actor: String, reason: String) {
      (self.since, self.actor, self.reason) = (since, actor, reason)
    }
  }

  public struct FailingPolicy: Codable, Equatable, Sendable {
    public var name: String
    public var problem: String

    public init(name: String, problem: String) { (self.name, self.problem) = (name, problem) }
  }

  public var mode = Mode.dryRun
  /// Nil while automatic actions go on.
  public var pause: Pause?
  /// Since the start.
  public var linesRead = 0
  public var startedAt: Instant?
  /// The engine's time: that of its last input.
  public var engineTime = Instant(seconds: 0)
  /// Accounts and websites that are known.
  public var subjects = 0
  public var suspended = 0
  public var held = 0
  /// Messages sent from here, and how many of them nobody is known to have sent.
  public var messages = 0
  public var unattributed = 0
  /// That as a share, 0 to 1; a growing one means that the alarm is going blind.
  public var unattributedShare = 0.0
  public var sources: [Source] = []
  public var failingPolicies: [FailingPolicy] = []
  /// What is wrong with the service itself.
  public var faults: [String] = []
  /// Orders that are being carried out, or wait for it.
  public var ordersInFlight = 0

  public init() {}
}
