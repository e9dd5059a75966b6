/// Bytes as hexadecimal digits, two each.
package enum HexText {
  package static func of(_ bytes: some Sequence<UInt8>, uppercase: Bool = false) -> String {
    var text = ""
    for byte in bytes { text += of(byte, uppercase: uppercase) }
    return text
  }

  package static func of(_ byte: UInt8, uppercase: Bool = false) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: uppercase)
  }
}
