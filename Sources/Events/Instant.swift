/// A point in time: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Hashable, Comparable, Sendable {
  public static let distantPast = Instant(microseconds: .min / 4)
  public static let distantFuture = Instant(microseconds: .max / 4)

  public var microseconds: Int64

  @inlinable public init(microseconds: Int64) { self.microseconds = microseconds }
  /// What lies outside is taken to lie at the end: numbers come from strangers too.
  @inlinable public init(seconds: Int64) {
    microseconds = min(max(seconds, -Self.reach), Self.reach) * 1_000_000
  }

  /// Seconds to the distant past and future: sums and differences of any two times have room.
  @usableFromInline static let reach = Int64.max / 4 / 1_000_000

  /// Whole seconds since 1970, rounded down.
  @inlinable public var seconds: Int64 {
    microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
  }

  @inlinable public static func < (a: Instant, b: Instant) -> Bool {
    a.microseconds < b.microseconds
  }
  @inlinable public static func + (a: Instant, b: TimeSpan) -> Instant {
    Instant(microseconds: a.microseconds + b.microseconds)
  }
  @inlinable public static func - (a: Instant, b: TimeSpan) -> Instant {
    Instant(microseconds: a.microseconds - b.microseconds)
  }
  @inlinable public static func - (a: Instant, b: Instant) -> TimeSpan {
    TimeSpan(microseconds: a.microseconds - b.microseconds)
  }
}

/// A length of time, in microseconds. Policies write it as `90s`, `10m`, `1h`, `7d`.
public struct TimeSpan: Hashable, Comparable, Sendable {
  public static let zero = TimeSpan(microseconds: 0)

  public var microseconds: Int64

  @inlinable public init(microseconds: Int64) { self.microseconds = microseconds }
  /// Bounded as an instant is.
  @inlinable public init(seconds: Int64) {
    microseconds = Instant(seconds: seconds).microseconds
  }

  @inlinable public var seconds: Int64 { microseconds / 1_000_000 }
  @inlinable public static func < (a: TimeSpan, b: TimeSpan) -> Bool {
    a.microseconds < b.microseconds
  }
}

extension TimeSpan: CustomStringConvertible, LosslessStringConvertible {
  private static let units: [(letter: Character, seconds: Int64)] = [
    ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
  ]

  /// - Parameter description: a whole number and a unit, such as `10m`. Nil for anything else,
  ///   and for more than ten years.
  public init?(_ description: String) {
    guard let last = description.last, let unit = Self.units.first(where: { $0.letter == last }),
      let number = Int64(description.dropLast()), number >= 0,
      number <= 3660 * 86_400 / unit.seconds, description.first != "+"
    else { return nil }
    self.init(seconds: number * unit.seconds)
  }

  /// In the largest unit that gives a whole number.
  public var description: String {
    let unit = Self.units.first { seconds != 0 && seconds % $0.seconds == 0 } ?? ("s", 1)
    return "\(seconds / unit.seconds)\(unit.letter)"
  }
}
