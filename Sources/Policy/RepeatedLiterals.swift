/// Finds literals in `when`, `where`, `over` and `grace` that repeat a setting's default: what is written twice is
/// changed in one place and forgotten in the other, and `--set` reaches the one alone.
struct RepeatedLiterals {
  let file: String
  let lines: [Substring]
  let settings: [LoadedPolicy.Setting]

  private static let words = ["when", "where", "over", "grace"]
  /// 0 and 1 stand for themselves.
  private static let plain = ["0", "1"]

  var warnings: [String] {
    var found: [String] = []
    /// How many braces of a `when` or `where` are open, and of the settings' own table.
    var (depth, settingsDepth) = (0, 0)
    for (index, line) in lines.enumerated() {
      let code = line.range(of: "--").map { line[..<$0.lowerBound] } ?? line
      let isOfSettings =
        settingsDepth > 0 || code.drop { $0 == " " || $0 == "\t" }.hasPrefix("settings =")
      if isOfSettings {
        settingsDepth += code.count { $0 == "{" } - code.count { $0 == "}" }
        continue
      }
      var rest = code
      while true {
        if depth == 0 {
          guard let start = Self.afterWord(rest) else { break }
          rest = start
        }
        let end = Self.end(of: rest, &depth)
        found += Self.literals(in: rest[..<end]).compactMap { warning($0, line: index + 1) }
        rest = rest[end...]
        if rest.isEmpty { break }
      }
    }
    return found
  }

  /// What follows the first of the words and its `=`.
  private static func afterWord(_ line: Substring) -> Substring? {
    words.compactMap { word -> Substring? in
      guard let range = line.range(of: word + " =") else { return nil }
      let isWhole =
        range.lowerBound == line.startIndex
        || !line[line.index(before: range.lowerBound)].isLetter
          && line[line.index(before: range.lowerBound)] != "_"
      return isWhole ? line[range.upperBound...] : nil
    }.min { $0.startIndex < $1.startIndex }
  }

  /// Where the value ends: behind its last brace, or at a comma outside of braces.
  private static func end(of text: Substring, _ depth: inout Int) -> String.Index {
    for index in text.indices {
      switch text[index] {
      case "{": depth += 1
      case "}":
        depth = max(0, depth - 1)
        if depth == 0 { return text.index(after: index) }
      case "," where depth == 0: return text.index(after: index)
      default: break
      }
    }
    return text.endIndex
  }

  /// Numbers and texts; what belongs to a name is none.
  private static func literals(in text: Substring) -> [String] {
    var found: [String] = []
    var index = text.startIndex
    while index < text.endIndex {
      let rest = text[index...]
      if let quote = rest.first, quote == "\"" || quote == "'" {
        let body = rest.dropFirst().prefix { $0 != quote }
        found.append(String(body))
        index = text.index(body.endIndex, offsetBy: 1, limitedBy: text.endIndex) ?? text.endIndex
        continue
      }
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      if word.first?.isNumber == true { found.append(String(word)) }
      index = word.isEmpty ? text.index(after: index) : word.endIndex
    }
    return found
  }

  private func warning(_ literal: String, line: Int) -> String? {
    guard !Self.plain.contains(literal),
      let setting = settings.first(where: { $0.initial == literal })
    else { return nil }
    return "\(file):\(line): \(literal) repeats the setting '\(setting.name)'; "
      + "write settings.\(setting.name)"
  }
}

extension Substring {
  /// Where `text` stands first. (Foundation has the like; this package does without it.)
  func range(of text: String) -> Range<Index>? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(text) {
        return index..<self.index(index, offsetBy: text.count)
      }
      index = self.index(after: index)
    }
    return nil
  }
}
