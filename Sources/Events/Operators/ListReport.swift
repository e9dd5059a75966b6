/// What the lists allow, protect and limit: from files, and by operators' word.
public struct ListReport: Codable, Equatable, Sendable {
  public struct Entry: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, CaseIterable, Sendable { case allow, protect, limit }

    public var kind: Kind
    /// A login in lower case, or a website as `uid:5012`.
    public var subject: String
    /// Of `allow`: the policy that does not count.
    public var policy: String?
    /// Whose addresses are its own.
    public var network: AddressRange?
    /// Messages an hour.
    public var volume: Double?
    public var from: Instant
    public var until: Instant
    public var reason: String
    /// Who gave it; nil where it stands in a file.
    public var actor: String?
    /// The file and line; nil where an operator gave it.
    public var place: String?
    /// Whether it counts now: it has begun, has not ended, and nothing has lifted it.
    public var isInForce = true

    public init(
      kind: Kind, subject: String, policy: String? = nil, network: AddressRange? = nil,
      volume: Double? = nil, from: Instant, until: Instant, reason: String, actor: String? = nil,
      place: String? = nil
    ) {
      (self.kind, self.subject, self.policy) = (kind, subject, policy)
      (self.network, self.volume, self.from, self.until) = (network, volume, from, until)
      (self.reason, self.actor, self.place) = (reason, actor, place)
    }
  }

  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }
}
