import Events
import Policy

/// A `Condition` made ready: a test of a word is one look at a bit set.
struct ConditionTest {
  private enum Test {
    case word(EventField, UInt32)
    case flag(EventField, Bool)
    case number(EventField, ClosedRange<Double>)
    case text(EventField, Set<UInt64>)
  }

  private let tests: [Test]

  init(_ condition: Condition) {
    tests = condition.tests.map { test in
      switch test {
      case .words(let field, let mask): .word(field, mask)
      case .flag(let field, let flag): .flag(field, flag)
      case .number(let field, let bounds): .number(field, bounds)
      case .texts(let field, let texts): .text(field, Set(texts.map { FieldHash.lowercased($0) }))
      }
    }
  }

  @inline(__always)
  func holds(_ fact: borrowing Fact, _ line: Span<UInt8>, _ subjects: borrowing Subjects) -> Bool {
    for test in tests {
      switch test {
      case .word(let field, let mask):
        let word = fact.word(field)
        if word < 0 || mask & 1 << UInt32(word) == 0 { return false }
      case .flag(let field, let flag):
        if fact.flag(field) != flag { return false }
      case .number(let field, let bounds):
        guard let number = fact.number(field), bounds.contains(number) else { return false }
      case .text(let field, let hashes):
        if !matches(field, hashes, fact, line, subjects) { return false }
      }
    }
    return true
  }

  /// Identities that are kept as numbers are compared by their text.
  private func matches(
    _ field: EventField, _ hashes: Set<UInt64>, _ fact: borrowing Fact, _ line: Span<UInt8>,
    _ subjects: borrowing Subjects
  ) -> Bool {
    guard case .text(let text) = fact.value(field, line, subjects) else { return false }
    return hashes.contains(FieldHash.lowercased(text))
  }
}
