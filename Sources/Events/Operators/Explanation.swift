/// Why a subject is, or is not, stopped: how near each policy is.
public struct Explanation: Codable, Equatable, Sendable {
  /// A gate of a handler: the policy is asked when all of them are passed.
  public struct Gate: Codable, Equatable, Sendable {
    public var window: String
    /// Nil where the window has no value (yet).
    public var value: Double?
    public var needed: Double

    public init(window: String, value: Double?, needed: Double) {
      (self.window, self.value, self.needed) = (window, value, needed)
    }

    public var isPassed: Bool { (value ?? -.infinity) >= needed }

    /// 1 where it is passed, else the share of the number that is reached.
    var share: Double {
      if isPassed { return 1 }
      return needed > 0 ? max(0, (value ?? 0) / needed) : 0
    }
  }

  public struct Policy: Codable, Equatable, Sendable {
    public var name: String
    /// The kind of event that its handler looks at, such as `delivery`.
    public var event: String
    public var isShadow: Bool
    public var gates: [Gate]
    /// Of a replay: when the gates stood so, the nearest that they came. Nil where they stand so now.
    public var time: Instant?
    /// Of a replay: how many events it looked at, at how many of them all gates were passed, how often the lists
    /// then allowed it or it rested after an earlier decision (`once`), and how often it decided.
    public var looked = 0
    public var asked = 0
    public var allowed = 0
    public var rested = 0
    public var decided = 0
    /// What each of its windows counts now, and its settings.
    public var readings: [Transition.Reading] = []
    public var settings: [Transition.Reading] = []

    public init(name: String, event: String, isShadow: Bool, gates: [Gate]) {
      (self.name, self.event, self.isShadow, self.gates) = (name, event, isShadow, gates)
    }

    /// How far it is: by the gate that is farthest off, then by all of them; (1, 1) where all are passed.
    public var progress: (least: Double, mean: Double) {
      let shares = gates.map(\.share)
      return (shares.min() ?? 1, shares.isEmpty ? 1 : shares.reduce(0, +) / Double(shares.count))
    }
  }

  public var subject: String
  public var openCase: Int?
  /// Why nothing may be done to it by itself; nil where it may.
  public var protection: String?
  /// What came before this time was read to know habits, and decided nothing; nil where the service's last start
  /// did not read old logs.
  public var decidesFrom: Instant?
  /// Mails sent within the last day.
  public var mailsToday: Int
  public var policies: [Policy]
  /// What the lists say of it.
  public var lists: [ListReport.Entry]
  /// What was decided about it lately.
  public var steps: [CaseDetail.Step]

  public init(subject: String, mailsToday: Int, policies: [Policy]) {
    (self.subject, self.mailsToday, self.policies) = (subject, mailsToday, policies)
    (lists, steps) = ([], [])
  }
}
