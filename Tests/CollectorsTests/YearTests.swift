import Collectors
import Events
import Foundation
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

@Suite struct `A log file` {
  @Test func `is read whole, wherever its blocks begin`() throws {
    let path = NSTemporaryDirectory() + "blocks-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    var text = ""
    var dice = Dice(state: 5)
    // Ten blocks of lines of all lengths, also of more than a block.
    for number in 0..<20_000 {
      let filling = String(repeating: "x", count: Int.random(in: 0...250, using: &dice))
      text +=
        "2026-11-24T03:46:40Z vm postfix/pickup[1]: \(String(number + 0x10000, radix: 16, uppercase: true)): uid=1 from=<\(filling)>\n"
      if number == 7000 { text += String(repeating: "y", count: 700_000) + "\n" }
    }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let log = try LogSource(
      path, clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    var ids: [String] = []
    while log.advance() {
      log.withLine { line in ids.append(log.event.queueID.text(in: line) ?? "") }
    }
    #expect(ids == (0..<20_000).map { String($0 + 0x10000, radix: 16, uppercase: true) })
    #expect(log.statistics.lines == 20_001)
    #expect(log.statistics.cutLines == 1)
  }

  @Test func `repeats a failed login that syslog only counts`() throws {
    let path = NSTemporaryDirectory() + "repeated-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try """
    Nov 24 03:46:40 vm dovecot: auth: passwd-file(anna@nordwind.example,198.51.100.9): Password mismatch
    Nov 24 03:46:50 vm last message repeated 4 times
    Nov 24 03:46:51 vm kernel: hello
    Nov 24 03:46:52 vm last message repeated 2 times

    """.write(toFile: path, atomically: true, encoding: .utf8)
    let log = try LogSource(
      path, clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    var found: [String] = []
    while log.advance() {
      log.withLine { line in
        found.append(
          "\(log.event.line) \(log.event.repeated) \(log.event.saslLogin.text(in: line) ?? "")")
      }
    }
    #expect(found == ["1 1 anna@nordwind.example", "2 4 anna@nordwind.example"])
  }

  @Test func `loses only the half of a line that is half-written`() throws {
    let path = NSTemporaryDirectory() + "half-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let line = "2026-11-24T03:46:40Z vm postfix/pickup[1]: ABC123: uid=1 from=<a>"
    try (line + "\n" + line.dropLast(3)).write(toFile: path, atomically: true, encoding: .utf8)
    let log = try LogSource(
      path, clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    #expect(log.advance())
    #expect(!log.advance())
    #expect(log.statistics.hasHalfLine)
  }
}
