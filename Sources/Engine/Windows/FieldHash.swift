/// 64-bit hashes of field values, the same in every run: a hash table's order never decides anything,
/// but a count of different values must not differ between two replays.
package enum FieldHash {
  private static let first: UInt64 = 0xa076_1d64_78bd_642f
  private static let second: UInt64 = 0xe703_7ed1_a0b4_28db
  private static let third: UInt64 = 0x8ebc_6af0_9c88_c6e3

  /// Never 0, which stands for an absent value.
  @inline(__always) package static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a ^ first).multipliedFullWidth(by: b ^ second)
    return max(1, product.high ^ product.low)
  }

  /// Of the bytes of `range`, with ASCII letters as lower case.
  package static func lowercased(_ line: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var hash = UInt64(range.count)
    var index = range.lowerBound
    let bytes = unsafe line.bytes
    while index + 8 <= range.upperBound {
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = mix(hash, lower(word))
      index += 8
    }
    if index < range.upperBound {
      var word: UInt64 = 0
      while index < range.upperBound {
        word = word << 8 | UInt64(line[index])
        index += 1
      }
      hash = mix(hash, lower(word))
    }
    return mix(hash, third)
  }

  package static func lowercased(_ text: String) -> UInt64 {
    let bytes = Array(text.utf8)
    return lowercased(bytes.span, 0..<bytes.count)
  }

  /// Lower case of the eight ASCII letters of a word at once.
  @inline(__always) static func lower(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let seven = word & (0x7f * ones)
    let aboveZ = seven &+ (0x7f - 0x5a) * ones
    let fromA = seven &+ (0x80 - 0x41) * ones
    let upper = ~word & (0x80 * ones) & (fromA ^ aboveZ)
    return word | upper >> 2
  }
}
