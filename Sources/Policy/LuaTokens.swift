/// The names, keywords and signs of a Lua chunk that has been loaded, without its strings, numbers and comments.
struct LuaTokens {
  struct Token {
    let text: String
    let line: Int

    var isName: Bool {
      guard let first = text.utf8.first, LuaTokens.isLetter(first) else { return false }
      return !LuaTokens.keywords.contains(text)
    }
  }

  private static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]
  /// Signs of more than one byte, the longest first.
  private static let signs = ["...", "..", "::", "==", "~=", "<=", ">=", "//", "<<", ">>"]
    .map { Array($0.utf8) }

  private(set) var all: [Token] = []
  private let source: [UInt8]
  private var place = 0
  private var line = 1

  /// - Parameter source: bytes, as Lua takes them.
  init(_ source: [UInt8]) {
    self.source = source
    while place < source.count { read(source[place]) }
  }

  private mutating func read(_ byte: UInt8) {
    if has("--") {
      place += 2
      if !passLong() { while place < source.count, source[place] != 10 { place += 1 } }
    } else if byte == UInt8(ascii: "["), passLong() {
      return
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      passQuoted(by: byte)
    } else if Self.isLetter(byte) {
      add(source[place...].prefix { Self.isLetter($0) || Self.isDigit($0) })
    } else if Self.isDigit(byte) {
      let number = source[place...].prefix { Self.isLetter($0) || Self.isDigit($0) || $0 == 46 }
      place += number.count
    } else if byte <= 32 {
      pass()
    } else {
      let sign = Self.signs.first { source[place...].starts(with: $0) }
      add(source[place...].prefix(sign?.count ?? 1))
    }
  }

  private mutating func add(_ bytes: ArraySlice<UInt8>) {
    all.append(Token(text: String(decoding: bytes, as: UTF8.self), line: line))
    place += bytes.count
  }

  /// One byte that may end a line.
  private mutating func pass() {
    if source[place] == 10 { line += 1 }
    place += 1
  }

  private mutating func passQuoted(by quote: UInt8) {
    place += 1
    while place < source.count, source[place] != quote {
      if source[place] == UInt8(ascii: "\\") { place += 1 }
      if place < source.count { pass() }
    }
    place += 1
  }

  /// `[[…]]`, `[==[…]==]`.
  private mutating func passLong() -> Bool {
    guard has("[") else { return false }
    let level = source[(place + 1)...].prefix { $0 == UInt8(ascii: "=") }.count
    guard place + level + 1 < source.count, source[place + level + 1] == UInt8(ascii: "[") else {
      return false
    }
    let end = "]" + String(repeating: "=", count: level) + "]"
    while place < source.count, !has(end) { pass() }
    place += end.utf8.count
    return true
  }

  private func has(_ text: String) -> Bool {
    place < source.count && source[place...].starts(with: text.utf8)
  }

  fileprivate static func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
