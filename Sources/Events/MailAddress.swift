/// An address that may stand in a header and behind `sendmail --`: what a directory says is not trusted.
///
/// Shape: `local@domain` of plain ASCII, without quotes; a domain with other letters is written `xn--…`.
public struct MailAddress: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// - Returns: nil where it is none; nothing of it is repaired.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0, at <= 64, bytes.count <= 254,
      Self.isLocal(bytes[..<at]), Self.isDomain(bytes[(at + 1)...])
    else { return nil }
    description = text
  }

  public var domain: String { String(description[description.lastIndex(of: "@")!...].dropFirst()) }

  /// RFC 5322's dot-atom; a hyphen in front would be an option to the programs that get it.
  private static func isLocal(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last, first != UInt8(ascii: "-"),
      first != UInt8(ascii: "."), last != UInt8(ascii: ".")
    else { return false }
    return bytes.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~.".utf8.contains($0) }
  }

  private static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
    let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return !labels.isEmpty
      && labels.allSatisfy { label in
        !label.isEmpty && label.count <= 63 && label.first != UInt8(ascii: "-")
          && label.last != UInt8(ascii: "-")
          && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
      }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...122).contains(byte | 32)
  }
}
