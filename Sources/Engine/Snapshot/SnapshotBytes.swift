/// Writes the state of the engine as bytes, the same bytes for the same state.
package struct SnapshotWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Signed numbers, seven bits a byte, small ones in one.
  mutating func append(_ number: Int64) {
    append(bits: UInt64(bitPattern: number << 1 ^ number >> 63))
  }

  mutating func append(bits: UInt64) {
    var rest = bits
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func append(count: Int) { append(bits: UInt64(count)) }
  mutating func append(_ number: Double) { append(bits: number.bitPattern) }
  mutating func append(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func append(_ text: String) {
    append(count: text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func append(_ line: Span<UInt8>) {
    append(count: line.count)
    unsafe line.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  mutating func append(plain other: [UInt8]) {
    append(count: other.count)
    bytes.append(contentsOf: other)
  }
}

/// A snapshot that is cut short or of another version: it is rebuilt from the logs, never guessed.
package struct SnapshotError: Error, Equatable, CustomStringConvertible {
  package let offset: Int
  package var description: String {
    "snapshot: unreadable at byte \(offset); it is rebuilt from the logs"
  }
}

/// Reads what `SnapshotWriter` wrote.
package struct SnapshotReader {
  private let bytes: [UInt8]
  private var at = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }
  var offset: Int { at }

  mutating func integer() throws(SnapshotError) -> Int64 {
    let bits = try bits()
    return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
  }

  mutating func bits() throws(SnapshotError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.count, shift < 64 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw SnapshotError(offset: at)
  }

  /// A number of things that follow, each of at least one byte.
  mutating func count() throws(SnapshotError) -> Int {
    let count = try bits()
    guard count <= UInt64(bytes.count - at) else { throw SnapshotError(offset: at) }
    return Int(count)
  }

  mutating func double() throws(SnapshotError) -> Double { Double(bitPattern: try bits()) }
  mutating func flag() throws(SnapshotError) -> Bool { try bits() != 0 }

  mutating func text() throws(SnapshotError) -> String {
    let count = try count()
    defer { at += count }
    return String(decoding: bytes[at..<at + count], as: UTF8.self)
  }

  mutating func plainBytes() throws(SnapshotError) -> [UInt8] {
    let count = try count()
    defer { at += count }
    return Array(bytes[at..<at + count])
  }
}
