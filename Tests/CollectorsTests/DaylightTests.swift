import Collectors
import Events
import Foundation
import Testing

@Suite(.serialized) struct `A clock that follows the machine's zone` {
  private func times(_ stamps: [String], reference: Int64) -> [String] {
    let before = ProcessInfo.processInfo.environment["TZ"]
    unsafe setenv("TZ", "Europe/Berlin", 1)
    tzset()
    defer {
      if let before { unsafe setenv("TZ", before, 1) } else { unsafe unsetenv("TZ") }
      tzset()
    }
    var parser = LineParser(clock: LogClock(zone: nil, reference: Instant(seconds: reference)))
    var event = LogEvent()
    return stamps.compactMap { stamp in
      let line = Array("\(stamp) vm postfix/pickup[1]: ABC123: uid=1 from=<a>".utf8)
      return parser.parse(line.span, into: &event) ? event.time.rfc3339(digits: 0) : nil
    }
  }

  @Test func `tells the two equal hours of autumn by their order`() {
    #expect(
      times(
        [
          "Oct 25 01:59:59", "Oct 25 02:10:00", "Oct 25 02:50:00", "Oct 25 02:05:00",
          "Oct 25 02:55:00", "Oct 25 03:01:00",
        ], reference: 1_793_000_000) == [
          "2026-10-24T23:59:59Z", "2026-10-25T00:10:00Z", "2026-10-25T00:50:00Z",
          "2026-10-25T01:05:00Z", "2026-10-25T01:55:00Z", "2026-10-25T02:01:00Z",
        ])
  }

  @Test func `leaps over the hour that spring lacks`() {
    #expect(
      times(["Mar 29 01:59:59", "Mar 29 03:00:01"], reference: 1_775_000_000) == [
        "2026-03-29T00:59:59Z", "2026-03-29T01:00:01Z",
      ])
  }
}
