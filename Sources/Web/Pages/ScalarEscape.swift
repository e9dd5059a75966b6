import Mustache

/// Escapes for HTML scalar by scalar.
///
/// The library's own escaping goes by characters: `"` with a combining mark behind it is another character to
/// it, passes as it is, and ends an attribute in the browser, which knows no characters.
package struct ScalarEscape: MustacheContentType {
  package static let name = "SCALARS"

  package init() {}

  package func escapeText(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
