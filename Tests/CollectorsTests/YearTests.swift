import Collectors
import Events
import Testing

@Suite struct `A log without years` {
  @Test func `rolls over at New Year`() {
    var parser = LineParser(
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_767_500_000)))
    var event = LogEvent()
    var times: [String] = []
    for day in ["Dec 30 10:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01", "Jan  2 10:00:00"] {
      let line = Array("\(day) vm postfix/pickup[1]: ABC123: uid=1 from=<a>".utf8)
      #expect(parser.parse(line.span, into: &event))
      times.append(event.time.rfc3339(digits: 0))
    }
    #expect(
      times == [
        "2025-12-30T10:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z",
        "2026-01-02T10:00:00Z",
      ])
  }
}
