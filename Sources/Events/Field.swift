/// Where a field's bytes stand in its log line, or that the line has no such field.
///
/// A range, not a string: most fields of most lines are never looked at. Two bytes a bound, since
/// a reader cuts lines at `Field.longestLine`.
public struct Field: Equatable, Sendable {
  public static let longestLine = 65_000
  public static let absent = Field(start: .max, end: .max)

  public let start, end: UInt16

  @inlinable @inline(__always) public init(start: UInt16, end: UInt16) {
    self.start = start
    self.end = end
  }

  /// - Parameter range: byte offsets from the start of the line.
  @inlinable @inline(__always) public init(_ range: Range<Int>) {
    self.init(
      start: UInt16(truncatingIfNeeded: range.lowerBound),
      end: UInt16(truncatingIfNeeded: range.upperBound))
  }

  @inlinable @inline(__always) public var isAbsent: Bool { start == .max }
  /// Present, and not of length 0.
  @inlinable @inline(__always) public var hasText: Bool { start < end }
  @inlinable @inline(__always) public var range: Range<Int> { Int(start)..<Int(end) }
  @inlinable @inline(__always) public var count: Int { Int(end) - Int(start) }

  /// The text in `line`; bytes that are no UTF-8 become U+FFFD. Nil where absent.
  public func text(in line: Span<UInt8>) -> String? {
    if isAbsent { return nil }
    let bytes = line.extracting(range)
    return String(copying: bytes)
  }
}

extension String {
  /// A copy of `bytes`; what is no UTF-8 becomes U+FFFD.
  public init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
