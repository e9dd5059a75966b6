import Collectors
import Events
import Foundation
import Testing

/// What a log of password changes with this pattern gives of its lines.
private func changes(_ pattern: String?, _ lines: [String]) throws -> [[String: String]] {
  let path = NSTemporaryDirectory() + "changes-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: path) }
  try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
  let clock = LogClock(zone: TimeSpan(seconds: 3600), reference: Instant(seconds: 1_798_000_000))
  let tail = FileTail(
    path: path, since: .distantPast, clock: clock,
    form: .passwordChanges(try pattern.map { try AccountPattern($0) }))
  var found: [[String: String]] = []
  while tail.advance() {
    found.append(tail.withLine { line in fields(of: tail.event, Array(copying: line)) })
  }
  return found
}

extension [UInt8] {
  fileprivate init(copying line: Span<UInt8>) { self = line.indices.map { line[$0] } }
}

@Suite struct `A log of password changes` {
  static let panel = "{time} panel[{number}]: password changed for {account} from {address}"

  @Test(arguments: [
    "2026-11-24T03:26:14+01:00", "2026-11-24 03:26:14", "2026-11-24 03:26:14.000 +0100",
    "2026-11-24 02:26:14+00", "1795487174", "Nov 24 03:26:14",
  ])
  func `is read by a pattern, whatever form its time has`(time: String) throws {
    let found = try changes(
      Self.panel, ["\(time) panel[30287]: password changed for anna@example.net from 203.0.113.21"])
    #expect(found.count == 1)
    #expect(found.first?["sasl_login"] == "anna@example.net")
    #expect(found.first?["client_address"] == "203.0.113.21")
    #expect(found.first?["time"]?.hasPrefix("2026-11-24T02:26:14") == true, "\(found)")
  }

  @Test(arguments: [
    "x from 203.0.113.9", "a@b.example from 203.0.113.9 from x",
    "anna@example.net from 203.0.113.21\t", "", " ",
  ])
  func `takes no name that says more than a name`(name: String) throws {
    let line = "2026-11-24T03:26:14Z panel[1]: password changed for \(name) from 203.0.113.21"
    #expect(try changes(Self.panel, [line, "x" + line, line + "x"]).isEmpty)
  }

  @Test func `has the forms that need no pattern, over rotation and restart too`() throws {
    let found = try changes(
      nil,
      [
        "# ours", "2026-11-24T03:26:14Z anna@example.net",
        "2026-11-24T03:26:14+00:00 panel[30287]: password changed for dora@example.net from 203.0.113.21",
        "Nov 24 03:26:14 mx1 chpasswd[3]: pam_unix(chpasswd:chauthtok): password changed for msweb1",
        "2026-11-24T03:26:14Z two words",
      ])
    #expect(
      found.map { $0["sasl_login"] } == ["anna@example.net", "dora@example.net", "msweb1"])
  }

  @Test(arguments: [
    ("{account}", "{time} must stand in it once"), ("{time} {user}", "there is no '{user}'"),
    ("{account} {time}", "{time} stands behind {account}"),
    ("{time} {account} {account}", "{account} must stand in it once"),
    ("{time}{account}", "nothing stands before '{account}'"), ("{time} {acc", "is not closed"),
  ])
  func `refuses a pattern that could be deceived or means nothing`(pattern: String, says: String) {
    let error = #expect(throws: CollectorError.self) { try AccountPattern(pattern) }
    #expect(error.map { "\($0)".contains(says) } == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("", nil), ("yesterday", nil), ("2026-11-24", nil), ("2026-13-24 03:26:14", nil),
    ("2026-11-24 03:26:14 or so", nil), ("1", nil),
    ("2026-11-24 03:26:14.25\n", "2026-11-24T02:26:14.25Z"),
    ("1795487174.5", "2026-11-24T02:26:14.50Z"),
  ])
  func `has times as databases and programs print them`(text: String, time: String?) {
    let clock = LogClock(zone: TimeSpan(seconds: 3600), reference: Instant(seconds: 1_798_000_000))
    #expect(TimeText.instant(text, clock)?.rfc3339(digits: 2) == time)
  }
}
