/// The last day in slots of ten minutes: how much was refused, and how many senders were stopped.
public struct DayReport: Codable, Equatable, Sendable {
  public struct Slot: Codable, Equatable, Sendable {
    public var rejections: Int
    public var suspensions: Int

    public init(rejections: Int, suspensions: Int) {
      (self.rejections, self.suspensions) = (rejections, suspensions)
    }
  }

  /// When the first slot begins.
  public var begins: Instant
  /// Oldest first.
  public var slots: [Slot]

  public init(begins: Instant, slots: [Slot]) { (self.begins, self.slots) = (begins, slots) }
}
