import Events
import Foundation
import Glibc

/// Bytes that are read back whole or not at all: after a crash the last frame of a file may be cut, and is left out.
///
/// Shape: a length (4 bytes) and a sum (8 bytes), little-endian, and the bytes.
package enum Frame {
  package static func wrap(_ bytes: [UInt8]) -> [UInt8] {
    littleEndian(UInt64(bytes.count), 4) + littleEndian(sum(bytes[...]), 8) + bytes
  }

  /// The whole frames of a file, in order; none where it is not there.
  /// - Returns: also how many bytes they are, where something behind them is no whole frame; else nil.
  package static func all(in path: String) throws(StoreError) -> (
    frames: [ArraySlice<UInt8>], cutAt: Int?
  ) {
    guard unsafe access(path, F_OK) == 0 else { return ([], nil) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StoreError.system(path, errno)
    }
    let bytes = [UInt8](data)
    var frames: [ArraySlice<UInt8>] = []
    var at = 0
    while bytes.count - at >= 12 {
      let length = Int(number(bytes[at..<at + 4]))
      guard length <= bytes.count - at - 12 else { break }
      let frame = bytes[at + 12..<at + 12 + length]
      guard sum(frame) == number(bytes[at + 4..<at + 12]) else { break }
      frames.append(frame)
      at += 12 + length
    }
    return (frames, at < bytes.count ? at : nil)
  }

  /// Leaves a file's whole frames.
  package static func cut(_ path: String, to size: Int) throws(StoreError) {
    guard unsafe truncate(path, off_t(size)) == 0 else { throw .system(path, errno) }
  }

  /// FNV-1a over 64 bits: tells bytes that were cut or changed by chance, not by malice.
  static func sum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return sum
  }

  static func littleEndian(_ number: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
