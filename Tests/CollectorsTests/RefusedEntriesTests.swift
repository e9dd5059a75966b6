import Events
import Testing

@testable import Collectors

@Suite struct `Entries that are refused` {
  private func take(_ entries: inout RefusedEntries) -> [SourceNote] {
    entries.take(alert: { "refused of \($0)" }, detail: { "\($0) \($1)" })
  }

  @Test func `are one alert an hour of each user, whatever he makes up`() {
    var entries = RefusedEntries()
    var alerts: [String] = []
    var lines = 0
    for second: Int64 in 0..<10_000 {
      entries.now = Instant(seconds: second)
      entries.add("'postfix/smtpd\(second)' from /tmp/\(second)", by: "uid \(second % 2)")
      let notes = take(&entries)
      alerts += notes.filter(\.isAlert).map { "\($0)" }
      lines += notes.count { !$0.isAlert }
    }
    #expect(alerts.count == 6 && Set(alerts) == ["refused of uid 0", "refused of uid 1"])
    #expect(lines <= 6 * 6)
  }

  @Test func `are all counted, though few are named`() {
    var entries = RefusedEntries()
    for number in 0..<1000 { entries.add("kind \(number % 100)", by: "uid \(number)") }
    entries.add("kind", by: "journald", 50)
    let notes = take(&entries)
    #expect(notes.count { $0.isAlert } == 101)
    let counted = notes.filter { !$0.isAlert }.compactMap {
      Int("\($0)".split(separator: " ")[0])
    }
    #expect(counted.reduce(0, +) == 1050)
    #expect(take(&entries).isEmpty)
  }

  @Test func `of a user who has stopped make room for another's`() {
    var entries = RefusedEntries()
    for number in 0..<100 { entries.add("a", by: "uid \(number)") }
    _ = take(&entries)
    entries.now = Instant(seconds: 4000)
    _ = take(&entries)
    entries.add("a", by: "uid 100")
    #expect(take(&entries).first == SourceNote("refused of uid 100", isAlert: true))
  }
}
