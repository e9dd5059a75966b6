import Events
import Policy

/// A `Condition` made ready: words and flags are bit sets, so that most tests touch no memory but these.
struct ConditionTest {
  /// The tests that are plain numbers.
  struct Words {
    fileprivate var results: UInt32 = ~0
    fileprivate var services: UInt32 = ~0
    fileprivate var statuses: UInt32 = ~0
    fileprivate var replyClasses: UInt32 = ~0
    /// Which flags are tested, and how they must stand.
    fileprivate var testedFlags: UInt8 = 0
    fileprivate var wantedFlags: UInt8 = 0

    @inline(__always) func hold(_ fact: borrowing Fact) -> Bool {
      fact.flags & testedFlags == wantedFlags && has(replyClasses, fact.replyClass?.rawValue)
        && has(results, fact.log.result?.rawValue) && has(services, fact.log.service?.rawValue)
        && has(statuses, fact.log.status?.rawValue)
    }

    /// An event without the word meets only a condition that does not ask for it.
    @inline(__always) private func has(_ mask: UInt32, _ word: UInt8?) -> Bool {
      guard let word else { return mask == ~0 }
      return mask & 1 << UInt32(word) != 0
    }
  }

  private(set) var words = Words()
  let hasMore: Bool
  /// Tests of numbers and texts.
  private let more: [Test]

  private enum Test {
    case number(EventField, ClosedRange<Double>)
    case text(EventField, Set<UInt64>)
  }

  init(_ condition: Condition) {
    var more: [Test] = []
    for test in condition.tests {
      switch test {
      case .words(.result, let mask): words.results = mask
      case .words(.service, let mask): words.services = mask
      case .words(.status, let mask): words.statuses = mask
      case .words(_, let mask): words.replyClasses = mask
      case .flag(let field, let flag):
        words.testedFlags |= Fact.bit(field)
        if flag { words.wantedFlags |= Fact.bit(field) }
      case .number(let field, let bounds): more.append(.number(field, bounds))
      case .texts(let field, let texts):
        more.append(.text(field, Set(texts.map { FieldHash.lowercased($0) })))
      }
    }
    self.more = more
    hasMore = !more.isEmpty
  }

  @inline(__always)
  func holds(_ fact: borrowing Fact, _ line: Span<UInt8>, _ subjects: borrowing Subjects) -> Bool {
    words.hold(fact) && (!hasMore || moreHolds(fact, line, subjects))
  }

  func moreHolds(
    _ fact: borrowing Fact, _ line: Span<UInt8>, _ subjects: borrowing Subjects
  ) -> Bool {
    for test in more {
      switch test {
      case .number(let field, let bounds):
        guard let number = fact.number(field), bounds.contains(number) else { return false }
      case .text(let field, let hashes):
        guard case .text(let text) = fact.value(field, line, subjects),
          hashes.contains(FieldHash.lowercased(text))
        else { return false }
      }
    }
    return true
  }
}
