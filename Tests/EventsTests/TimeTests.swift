import Events
import Testing

@Suite struct `An instant` {
  @Test(arguments: [
    "2026-10-05T07:12:03.250000Z", "1970-01-01T00:00:00.000000Z", "2024-02-29T23:59:59.999999Z",
  ])
  func `reads what it writes`(text: String) throws {
    #expect(try #require(Instant(rfc3339: text)).rfc3339() == text)
  }
}
