package import Events

/// Tells from a remote server's reply what it means for the sender, and which blocklist it names.
package struct ReplyClassifier: Sendable {
  private struct Rule {
    var replyClass: ReplyClass
    var all: [UInt16]
    var none: [UInt16]
  }

  private let automaton: PhraseAutomaton
  /// The rules in order, by the first phrase that each needs: only those whose first phrase occurs
  /// are looked at.
  private let rules: [Rule]
  private let rulesOfPhrase: [[UInt16]]
  private let phraseCount: Int
  private let atStart: [Bool]

  /// - Parameter extra: the operator's own patterns, which go first.
  package init(extra: [ReplyPattern] = []) {
    var numbers: [String: UInt16] = [:]
    var phrases: [String] = []
    var atStart: [Bool] = []
    func number(_ phrase: Substring) -> UInt16 {
      let isAnchored = phrase.first == "^"
      let text = String(phrase)
      if let known = numbers[text] { return known }
      numbers[text] = UInt16(phrases.count)
      phrases.append(isAnchored ? String(text.dropFirst()) : text)
      atStart.append(isAnchored)
      return UInt16(phrases.count - 1)
    }
    var rules: [Rule] = []
    for pattern in extra + ReplyPattern.shipped {
      for alternative in pattern.says {
        let parts = alternative.split(separator: " & ").map(String.init)
        rules.append(
          Rule(
            replyClass: pattern.replyClass,
            all: parts.filter { $0.first != "!" }.map { number(Substring($0)) },
            none: parts.filter { $0.first == "!" }.map { number($0.dropFirst()) }))
      }
    }
    var rulesOfPhrase = [[UInt16]](repeating: [], count: phrases.count)
    for (place, rule) in rules.enumerated() {
      if let first = rule.all.first { rulesOfPhrase[Int(first)].append(UInt16(place)) }
    }
    automaton = PhraseAutomaton(phrases)
    self.rules = rules
    self.rulesOfPhrase = rulesOfPhrase
    self.atStart = atStart
    phraseCount = phrases.count
  }

  /// Fills in the blocklist that the reply names.
  package func nameBlocklist(_ event: inout LogEvent, _ line: Span<UInt8>) {
    guard event.reply.hasText, event.kind == .rejection || event.replyClass == .reputation else {
      return
    }
    BlocklistName.find(in: line, event.reply.range, &event)
  }

  /// Fills in `replyClass`.
  package func classify(_ event: inout LogEvent, _ line: Span<UInt8>) {
    switch event.kind {
    case .delivery:
      if event.status == .sent {
        event.replyClass = .accepted
        return
      }
      event.replyClass = .other
      guard event.reply.hasText else { return }
      event.replyClass = replyClass(line, event.reply.range)
    case .queueEntry:
      if event.reply.hasText { event.replyClass = replyClass(line, event.reply.range) }
    default: break
    }
  }

  package func replyClass(_ line: Span<UInt8>, _ reply: Range<Int>) -> ReplyClass {
    var found = InlineArray<24, UInt64>(repeating: 0)
    var state = 0
    var text = ReplyText(line, reply)
    var length = 0
    // What a host says is quoted behind Postfix's own words; a phrase that must stand at the start is
    // Postfix's own.
    while let byte = text.next(line) {
      state = automaton.step(state, byte)
      length += 1
      if state & 1 == 0 { continue }
      automaton.ended(state) { phrase in
        if atStart[phrase], length > 60 { return }
        found[phrase >> 6] |= 1 << UInt64(phrase & 63)
      }
    }
    return decide(found)
  }

  private func decide(_ found: InlineArray<24, UInt64>) -> ReplyClass {
    var best = UInt16.max
    for word in 0..<min(24, (phraseCount + 63) / 64) {
      var bits = found[word]
      while bits != 0 {
        let phrase = word << 6 | bits.trailingZeroBitCount
        bits &= bits - 1
        for place in rulesOfPhrase[phrase] where place < best && holds(rules[Int(place)], found) {
          best = place
        }
      }
    }
    return best == .max ? .other : rules[Int(best)].replyClass
  }

  private func holds(_ rule: Rule, _ found: InlineArray<24, UInt64>) -> Bool {
    func has(_ phrase: UInt16) -> Bool {
      found[Int(phrase >> 6)] & 1 << UInt64(phrase & 63) != 0
    }
    return rule.all.allSatisfy(has) && !rule.none.contains(where: has)
  }
}

/// A reply byte by byte: lower case, blanks made one, and the codes left out that a reply of several
/// lines repeats (`550-5.7.1 … 550 5.7.1 …`), so that a phrase may run over a line's end.
struct ReplyText {
  private var index: Int
  private let end: Int
  private var wasBlank = true

  init(_: Span<UInt8>, _ reply: Range<Int>) {
    index = reply.lowerBound
    end = reply.upperBound
  }

  @inline(__always) mutating func next(_ line: Span<UInt8>) -> UInt8? {
    while index < end {
      let byte = line[index]
      if wasBlank, byte &- 48 < 10, let after = code(line) {
        index = after
        continue
      }
      index += 1
      if byte == 32 || byte == 9 {
        if wasBlank { continue }
        wasBlank = true
        return 32
      }
      wasBlank = false
      return byte
    }
    return nil
  }

  /// Behind `550-` or `550 `, and behind `5.7.1 `.
  private func code(_ line: Span<UInt8>) -> Int? {
    guard index + 4 < end else { return nil }
    if let first = line.digit(line[index]), first == 4 || first == 5 || first == 2,
      line.digit(line[index + 1]) != nil, line.digit(line[index + 2]) != nil,
      line[index + 3] == UInt8(ascii: "-") || line[index + 3] == 32
    {
      return index + 4
    }
    return nil
  }
}

/// The blocklist that a reply names, as a zone.
enum BlocklistName {
  /// Lists by the words that stand for them where no zone is written.
  private static let known: [(word: StaticString, zone: StaticString)] = [
    ("spamhaus", "zen.spamhaus.org"), ("Spamhaus", "zen.spamhaus.org"),
    ("SPAMHAUS", "zen.spamhaus.org"),
    ("spamcop.net", "bl.spamcop.net"), ("SpamCop", "bl.spamcop.net"),
    ("barracudacentral", "b.barracudacentral.org"), ("sorbs.net", "dnsbl.sorbs.net"),
    ("SORBS", "dnsbl.sorbs.net"),
    ("uceprotect", "dnsbl-1.uceprotect.net"), ("UCEPROTECT", "dnsbl-1.uceprotect.net"),
  ]

  static func find(in line: Span<UInt8>, _ reply: Range<Int>, _ event: inout LogEvent) {
    let words: [StaticString] = [
      "blocked using ", "blacklisted by ", "Blacklisted by ", "listed in ", "Listed in ",
      "listed at ", "listed by ", "listed on ", "found in ", "RBL at ", "blocked by ",
      "rejected by ",
    ]
    for word in words {
      if let at = line.find(word, from: reply.lowerBound, to: reply.upperBound),
        let zone = zone(line, at + word.utf8CodeUnitCount, reply.upperBound)
      {
        event.dnsbl = zone
        return
      }
    }
    for (word, zone) in known
    where line.find(word, from: reply.lowerBound, to: reply.upperBound) != nil {
      event.dnsblName = zone
      return
    }
  }

  /// A host name of at least two dots, or of one with `bl` in it.
  private static func zone(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Field? {
    var index = start
    while index < end, line[index] == .space || line[index] == .quote || line[index] == 39 {
      index += 1
    }
    let first = index
    var dots = 0
    var hasLetter = false
    while index < end {
      let byte = line[index]
      if byte == UInt8(ascii: ".") {
        dots += 1
      } else if (byte | 32) &- 97 < 26 {
        hasLetter = true
      } else if !(byte &- 48 < 10 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")) {
        break
      }
      index += 1
    }
    while index > first, line[index - 1] == UInt8(ascii: ".") {
      index -= 1
      dots -= 1
    }
    return dots >= 1 && hasLetter && index - first > 5 ? Field(first..<index) : nil
  }
}
