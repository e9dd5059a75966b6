/// Text as it may stand in HTML, also in an attribute.
public enum HTMLText {
  /// Escapes scalar by scalar. By characters, `"` with a combining mark behind it, or `<` behind a sign that joins
  /// what follows, would be another character, pass as it is, and act in a browser, which knows no characters.
  public static func escaped(_ text: String) -> String {
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
