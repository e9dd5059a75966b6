import Glibc

/// Colour on a terminal, and never with NO_COLOR (no-color.org).
struct Style {
  static let isPlain = unsafe isatty(STDOUT_FILENO) == 0 || getenv("NO_COLOR") != nil

  static func bold(_ text: String) -> String { wrap(text, "1") }
  static func red(_ text: String) -> String { wrap(text, "31") }
  static func green(_ text: String) -> String { wrap(text, "32") }
  static func dim(_ text: String) -> String { wrap(text, "2") }

  private static func wrap(_ text: String, _ code: String) -> String {
    isPlain ? text : "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// A log line on one line of a terminal, without control characters, and without those that turn the direction
  /// of what follows.
  static func clipped(_ text: String, _ width: Int) -> String {
    let clean = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
    return clean.count <= width ? clean : String(clean.prefix(width - 1)) + "…"
  }
}
