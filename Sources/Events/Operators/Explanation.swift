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
  }

  public struct Policy: Codable, Equatable, Sendable {
    public var name: String
    /// The kind of event that its handler looks at, such as `delivery`.
    public var event: String
    public var isShadow: Bool
    public var gates: [Gate]
    /// What each of its windows counts now, and its settings.
    public var readings: [Transition.Reading] = []
    public var settings: [Transition.Reading] = []

    public init(name: String, event: String, isShadow: Bool, gates: [Gate]) {
      (self.name, self.event, self.isShadow, self.gates) = (name, event, isShadow, gates)
    }
  }

  public var subject: String
  public var openCase: Int?
  /// Why nothing may be done to it by itself; nil where it may.
  public var protection: String?
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
