/// The short name a mail system gives a queued message, as it logs it: `4ZxQ9b1sL2z3K`.
///
/// Shape: 1 to 24 bytes, kept in place. Postfix: 6 or more hexadecimal digits (short) or at least 11
/// of an alphabet of 52 characters without vowels (long); Exim: `6-6-2` or `6-11-4`.
public struct QueueID: Hashable, Sendable {
  public let high, middle, low: UInt64

  @inlinable public init(high: UInt64, middle: UInt64, low: UInt64) {
    (self.high, self.middle, self.low) = (high, middle, low)
  }

  /// - Returns: nil unless `range` has 1 to 24 bytes.
  @inlinable public init?(_ line: Span<UInt8>, _ range: Range<Int>) {
    guard range.count >= 1, range.count <= 24 else { return nil }
    self.init(
      high: Self.word(line, range.lowerBound, range.upperBound),
      middle: Self.word(line, range.lowerBound + 8, range.upperBound),
      low: Self.word(line, range.lowerBound + 16, range.upperBound))
  }

  @inlinable static func word(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
    var word: UInt64 = 0
    var shift: UInt64 = 56
    var index = start
    while index < end, index < start + 8 {
      word |= UInt64(line[index]) << shift
      shift &-= 8
      index += 1
    }
    return word
  }
}

extension QueueID: CustomStringConvertible {
  public var description: String {
    let bytes = [high, middle, low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) }
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
