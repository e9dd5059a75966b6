import Events
import Foundation

/// Text as mail carries it: in headers (RFC 2047) and in bodies (quoted-printable, RFC 2045).
package enum MailEncoding {
  /// The value of an unstructured header, folded; control characters become blanks, so that no value can
  /// begin another header.
  /// - Parameter column: how much of the first line the header's name has taken.
  package static func header(_ value: String, column: Int) -> String {
    let clean = String(
      value.unicodeScalars.map {
        $0.properties.generalCategory == .control ? " " : Character($0)
      })
    return isPlain(clean) ? folded(clean, column) : encoded(clean, column)
  }

  /// Whether it may stand as it is: ASCII, no word so long that it cannot be folded, and nothing that reads
  /// like an encoded word.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 32 && $0 < 127 } && !text.contains("=?")
      && text.split(separator: " ").allSatisfy { $0.utf8.count <= 60 }
      && !text.hasPrefix(" ") && !text.hasSuffix(" ") && !text.contains("  ")
  }

  private static func folded(_ text: String, _ column: Int) -> String {
    var result = ""
    var width = column
    for word in text.split(separator: " ") {
      if !result.isEmpty {
        if width + 1 + word.utf8.count > 76 {
          result += "\n"
          width = 0
        }
        result += " "
        width += 1
      }
      result += word
      width += word.utf8.count
    }
    return result
  }

  /// Encoded words of at most 75 characters; a character is never cut.
  private static func encoded(_ text: String, _ column: Int) -> String {
    var words: [String] = []
    var part = ""
    // `=?utf-8?B?` and `?=` take 12; 45 bytes are 60 characters of base64.
    var room = max(12, min(45, (76 - column - 12) / 4 * 3))
    for character in text.unicodeScalars.map({ String($0) }) {
      if part.utf8.count + character.utf8.count > room {
        words.append(part)
        (part, room) = ("", 45)
      }
      part += character
    }
    words.append(part)
    return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
      .joined(separator: "\n ")
  }

  /// Lines of at most 76 characters, ended by `\n`.
  package static func quotedPrintable(_ text: String) -> String {
    let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
      .split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map(quotedLine).joined(separator: "\n")
  }

  private static func quotedLine(_ line: Substring) -> String {
    let bytes = Array(line.utf8)
    // Mail programs change a line that begins so.
    let isFrom = line.hasPrefix("From ") || line.hasPrefix(".")
    var result = ""
    var width = 0
    for (place, byte) in bytes.enumerated() {
      let isLast = place == bytes.count - 1
      let isLiteral =
        (33...126).contains(byte) && byte != UInt8(ascii: "=") && !(isFrom && place == 0)
        || (byte == 32 || byte == 9) && !isLast
      let piece = isLiteral ? String(UnicodeScalar(byte)) : "=" + HexText.of(byte, uppercase: true)
      if width + piece.utf8.count > 75 {
        result += "=\n"
        width = 0
      }
      result += piece
      width += piece.utf8.count
    }
    return result
  }
}
