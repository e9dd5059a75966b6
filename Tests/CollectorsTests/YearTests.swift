import Collectors
import Events
import Foundation
import Testing

@Suite struct `A log without years` {
  /// - Parameter isLive: each line is read when it was written, and the log's last change is that.
  private func read(_ days: [String], reference: String, isLive: Bool = false) throws -> [String] {
    var parser = LineParser(
      clock: LogClock(
        zone: .zero, reference: try #require(Instant(rfc3339: reference + "T00:00:00Z"))))
    var event = LogEvent()
    return try days.map { day in
      let parts = day.split(separator: "|")
      if isLive { parser.clock.reach(try #require(Instant(rfc3339: parts[1] + "T12:00:00Z"))) }
      let line = Array("\(parts[0]) 10:00:00 vm postfix/pickup[1]: ABC123: uid=1 from=<a>".utf8)
      #expect(parser.parse(line.span, into: &event))
      return String(event.time.rfc3339(digits: 0).prefix(10))
    }
  }

  @Test func `rolls over at New Year`() throws {
    #expect(
      try read(["Dec 30", "Dec 31", "Jan  1", "Jan  2"], reference: "2026-01-04")
        == ["2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02"])
  }

  /// An archive is read years later.
  @Test(arguments: [("2027-01-03", 2026), ("2030-06-01", 2029)])
  func `stays where it is at lines from before New Year that come late`(
    reference: String, first: Int
  ) throws {
    let days = ["Dec 31", "Jan  1", "Dec 31", "Jan  1", "Dec 30", "Dec 31", "Jan  2", "Feb  1"]
    let years = [0, 1, 0, 1, 0, 0, 1, 1].map { "\(first + $0)" }
    #expect(try read(days, reference: reference).map { String($0.prefix(4)) } == years)
  }

  @Test func `goes through several years`() throws {
    let days = [
      "Mar 10", "Sep 10", "Jan 10", "Jun 10", "Dec 31", "Jan  1", "Dec 31", "Jan  1", "Jun  1",
      "Dec  1", "Jan  2",
    ]
    #expect(
      try read(days, reference: "2026-02-01").map { String($0.prefix(4)) } == [
        "2025", "2025", "2026", "2026", "2026", "2027", "2026", "2027", "2027", "2027", "2028",
      ])
  }

  @Test func `finds back when a machine without a battery has the time again`() throws {
    // Behind the bar: when the line was written.
    let days = [
      "Jul 10|2026-07-10", "Jan  1|2026-07-10", "Jan  1|2026-07-10", "Jul 10|2026-07-10",
      "Nov 20|2026-11-20", "Jan  1|2026-11-20", "Nov 20|2026-11-20", "Jan  3|2027-01-03",
    ]
    #expect(
      try read(days, reference: "2026-05-01", isLive: true).map { String($0.prefix(4)) }
        == ["2026", "2027", "2027", "2026", "2026", "2027", "2026", "2027"])
  }

  @Test(arguments: [("Aug", "08"), ("Dec", "12")])
  func `that says nothing for half a year goes on in the same year`(month: String, number: String)
    throws
  {
    let days = [
      "Jan 20|2026-01-20", "\(month)  3|2026-\(number)-03", "\(month)  4|2026-\(number)-04",
      "Jan  9|2027-01-09",
    ]
    #expect(
      try read(days, reference: "2026-01-01", isLive: true)
        == ["2026-01-20", "2026-\(number)-03", "2026-\(number)-04", "2027-01-09"])
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
