import Events
import Testing

@Suite struct `An instant` {
  @Test(arguments: [
    "2026-10-05T07:12:03.250000Z", "1970-01-01T00:00:00.000000Z", "2024-02-29T23:59:59.999999Z",
  ])
  func `reads what it writes`(text: String) throws {
    #expect(try #require(Instant(rfc3339: text)).rfc3339() == text)
  }

  /// Hidden fields of forms, commands and logs bring them.
  @Test(arguments: [Int64.min, .min / 1_000_000, .max / 1_000_000, .max])
  func `out of all calendars is an end of time`(seconds: Int64) throws {
    let instant = Instant(seconds: seconds)
    #expect((seconds < 0) == (instant < Instant(seconds: 0)))
    #expect(instant - TimeSpan(seconds: -(seconds / 2)) != instant)
    #expect(Instant.distantFuture - instant >= .zero && Instant.distantPast <= instant)
    let text = instant.rfc3339()
    if seconds > 0 { #expect(Instant(rfc3339: "\(seconds)") == instant, "\(text)") }
  }
}
