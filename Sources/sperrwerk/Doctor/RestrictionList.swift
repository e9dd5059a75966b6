/// One smtpd restriction of a list.
struct Restriction: Equatable {
  /// In lower case: Postfix takes any.
  var name: String
  /// A table, a policy service's address; nil where it takes none.
  var argument: String?
  /// What stands in braces beside a table or an address: `try_limit`, `default_action`.
  var attributes: [String: String] = [:]
  /// It stands behind `warn_if_reject`, and refuses nobody.
  var onlyWarns = false

  /// Lets mail pass, whatever stands behind it.
  var permits: Bool { name.hasPrefix("permit") }

  /// As main.cf may have it.
  var text: String { [name, argument].compactMap { $0 }.joined(separator: " ") }
}

/// A list of smtpd restrictions: Postfix goes through it from the left, until one of them decides.
struct RestrictionList {
  let restrictions: [Restriction]

  /// - Parameter classes: the lists of `smtpd_restriction_classes`, by name: each stands for what it holds.
  init(_ text: String, classes: [String: String] = [:]) {
    var lists: [String: String] = [:]
    for (name, list) in classes { lists[name.lowercased()] = list }
    restrictions = Self.read(text, classes: lists, onlyWarns: false)
  }

  /// Those that are asked before anything lets mail pass.
  private var asked: ArraySlice<Restriction> { restrictions.prefix { !$0.permits } }

  /// Whether a table is asked by login and obeyed, before anything lets mail pass.
  func asks(table: String) -> Bool { asked.contains { Self.isOurs($0, table) } }

  /// The first policy service of such an address; `isInTime` where it is obeyed, before anything lets mail pass.
  func policyService(_ isOurs: (String) -> Bool) -> (question: Restriction, isInTime: Bool)? {
    func fits(_ one: Restriction) -> Bool {
      one.name == Self.policy && one.argument.map(isOurs) == true
    }
    guard let first = asked.first(where: { fits($0) && !$0.onlyWarns }) else {
      return restrictions.first(where: fits).map { ($0, false) }
    }
    return (first, true)
  }

  /// Tables and other policy services before both of our questions have been asked: where one of them says OK, or
  /// permits, the rest is not asked.
  func doubtful(table: String, _ isOurs: (String) -> Bool) -> [Restriction] {
    let last = asked.lastIndex { one in
      Self.isOurs(one, table)
        || one.name == Self.policy && one.argument.map(isOurs) == true && !one.onlyWarns
    }
    return asked[..<(last ?? asked.startIndex)].filter { one in
      // A bare table is one for check_sender_access.
      guard let argument = one.argument else { return one.name.contains(":") }
      if one.name == Self.policy { return !isOurs(argument) }
      return one.name.hasSuffix("_access") && !Self.isOurs(one, table)
    }
  }

  private static let policy = "check_policy_service"

  private static func isOurs(_ one: Restriction, _ table: String) -> Bool {
    one.name == "check_sasl_access" && !one.onlyWarns
      && (one.argument == table || one.argument == "proxy:\(table)")
  }

  // MARK: Reading

  private static func read(
    _ text: String, classes: [String: String], onlyWarns: Bool
  ) -> [Restriction] {
    var read: [Restriction] = []
    var words = Words.of(text)[...]
    var warns = onlyWarns
    while let word = words.popFirst() {
      let name = word.lowercased()
      if name == "warn_if_reject" {
        warns = true
        continue
      }
      if let list = classes[name] {
        // A class within itself would go on for ever.
        let others = classes.filter { $0.key != name }
        read += Self.read(list, classes: others, onlyWarns: warns)
      } else {
        let argument = takesArgument(name) ? words.popFirst() : nil
        read.append(restriction(name, argument, onlyWarns: warns))
      }
      warns = onlyWarns
    }
    return read
  }

  private static func restriction(
    _ name: String, _ argument: String?, onlyWarns: Bool
  ) -> Restriction {
    var one = Restriction(name: name, argument: argument, onlyWarns: onlyWarns)
    guard let argument, let inner = Words.unbraced(argument) else { return one }
    var words = Words.of(inner)[...]
    one.argument = words.popFirst()
    // Some write blanks around '='.
    for pair in Words.pairs(words) { one.attributes[pair.name] = pair.value }
    return one
  }

  /// Source: postconf(5), and smtpd_check.c for what takes a word of its own.
  private static func takesArgument(_ name: String) -> Bool {
    ["check_", "reject_rbl_", "reject_rhsbl_", "permit_dnswl_", "permit_rhswl_"]
      .contains(where: name.hasPrefix) || name == "sleep"
  }
}

/// How Postfix takes a parameter apart: at commas and blanks, but not within braces.
enum Words {
  static func of(_ text: some StringProtocol) -> [String] {
    var words: [String] = []
    var word = ""
    var depth = 0
    for letter in text {
      if depth == 0, letter == "," || letter.isWhitespace {
        if !word.isEmpty { words.append(word) }
        word = ""
        continue
      }
      if letter == "{" { depth += 1 }
      if letter == "}" { depth = max(0, depth - 1) }
      word.append(letter)
    }
    return word.isEmpty ? words : words + [word]
  }

  /// What stands in braces; nil where it does not.
  static func unbraced(_ word: String) -> String? {
    word.hasPrefix("{") && word.hasSuffix("}") ? String(word.dropFirst().dropLast()) : nil
  }

  /// `name=value`, `name = value` and `{ name = value }`.
  static func pairs(_ words: ArraySlice<String>) -> [(name: String, value: String)] {
    let text = words.map { unbraced($0).map { $0.trimmed } ?? $0 }
    var pairs: [(String, String)] = []
    var rest = text[...]
    while let word = rest.popFirst() {
      var pair = word
      if !word.contains("="), rest.first?.hasPrefix("=") == true { pair += rest.removeFirst() }
      if pair.hasSuffix("="), let value = rest.popFirst() { pair += value }
      guard let equals = pair.firstIndex(of: "=") else { continue }
      let value = String(pair[pair.index(after: equals)...].trimmed)
      pairs.append((String(pair[..<equals].trimmed), unbraced(value).map { $0.trimmed } ?? value))
    }
    return pairs
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    let start = drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}
