/// The names, keywords and signs of a Lua chunk that has been loaded, without its strings, numbers and comments.
struct LuaTokens {
  struct Token {
    let text: Substring
    let line: Int

    var isName: Bool {
      text.first.map { $0.isLetter || $0 == "_" } == true && !LuaTokens.keywords.contains(text)
    }
  }

  fileprivate static let keywords: Set<Substring> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  private(set) var all: [Token] = []
  private var rest: Substring
  private var line = 1

  init(_ source: [UInt8]) {
    rest = Substring(String(decoding: source, as: UTF8.self))
    while let first = rest.first { read(first) }
  }

  private mutating func read(_ first: Character) {
    if rest.hasPrefix("--") {
      pass(2)
      if passLong() { return }
      pass(rest.prefix { !$0.isNewline }.count)
    } else if first == "[", passLong() {
      return
    } else if first == "\"" || first == "'" {
      passQuoted(by: first)
    } else if first.isLetter || first == "_" {
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      all.append(Token(text: word, line: line))
      pass(word.count)
    } else if first.isNumber {
      pass(rest.prefix { $0.isLetter || $0.isNumber || $0 == "." }.count)
    } else {
      if !first.isWhitespace { all.append(Token(text: rest.prefix(1), line: line)) }
      pass(1)
    }
  }

  private mutating func pass(_ count: Int) {
    line += rest.prefix(count).count(where: \.isNewline)
    rest = rest.dropFirst(count)
  }

  private mutating func passQuoted(by quote: Character) {
    pass(1)
    while let next = rest.first, next != quote { pass(next == "\\" ? 2 : 1) }
    pass(1)
  }

  /// `[[…]]`, `[==[…]==]`.
  private mutating func passLong() -> Bool {
    guard rest.first == "[" else { return false }
    let level = rest.dropFirst().prefix { $0 == "=" }.count
    guard rest.dropFirst(level + 1).first == "[" else { return false }
    pass(level + 2)
    let end = "]" + String(repeating: "=", count: level) + "]"
    while !rest.isEmpty, !rest.hasPrefix(end) { pass(1) }
    pass(end.count)
    return true
  }
}
