import Events
import Foundation
import Policy
import Testing

private func lists(_ entry: String) throws -> PolicySet {
  let file = NSTemporaryDirectory() + "lists-" + UUID().uuidString + ".lua"
  try "return {\n  { \(entry) },\n}\n".write(toFile: file, atomically: true, encoding: .utf8)
  defer { try? FileManager.default.removeItem(atPath: file) }
  var set = PolicySet(directory: root + "/policies")
  set.addList(file)
  return set
}

@Suite struct `A list entry` {
  let time = "from = '2026-10-01', expires = '2026-12-31', reason = 'agreed by telephone'"

  @Test func `holds from its first day to its last`() throws {
    let set = try lists("protect = 'chef@nordwind.example', \(time)")
    #expect(set.errors.isEmpty)
    let within = try #require(Instant(rfc3339: "2026-11-01T00:00:00Z"))
    let after = try #require(Instant(rfc3339: "2026-12-31T00:00:00Z"))
    #expect(set.lists.protects("chef@nordwind.example", at: within) != nil)
    #expect(set.lists.protects("chef@nordwind.example", at: after) == nil)
    #expect(set.lists.protects("anna@nordwind.example", at: within) == nil)
  }

  @Test(arguments: [
    (
      "allow = 'a@b.example', from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "it allows everything"
    ),
    (
      "allow = 'a@b.example', policy = 'rejections', from = '2026-10-01', expires = '2028-01-01', reason = 'x'",
      "within a year"
    ),
    (
      "allow = 'a@b.example', policy = 'rejections', from = '2026-10-01', expires = '2026-12-31'",
      "no reason"
    ),
    ("allow = 'a@b.example', policy = 'rejections', reason = 'x'", "from and expires are needed"),
    (
      "limit = 'a@b.example', from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "no volume"
    ),
    ("alow = 'a@b.example'", "did you mean 'allow'?"),
    ("reason = 'x', from = '2026-10-01', expires = '2026-12-31'", "it neither allows"),
    (
      "allow = 'a@b.example', policy = 'rejektions', from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "no policy 'rejektions'; did you mean 'rejections'?"
    ),
    (
      "allow = 'a@b.example', network = '203.0.113.0/33', from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "'203.0.113.0/33' is no network"
    ),
    (
      "allow = 'a@b.example', network = '0.0.0.0/0', from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "'0.0.0.0/0' is no network of a customer"
    ),
    (
      "protect = 5012, from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "protect is no text"
    ),
    (
      "limit = 'a@b.example', volume = 'viel', from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "volume is no number"
    ),
    (
      "limit = 'a@b.example', protect = 'a@b.example', volume = 9, from = '2026-10-01', expires = '2026-12-31', reason = 'x'",
      "make several entries"
    ),
  ])
  func `that is not sound is refused`(entry: String, problem: String) throws {
    let text = try lists(entry).errors.map(\.description).joined()
    #expect(text.contains(problem))
    #expect(text.contains(".lua:2"), "\(text)")
  }

  /// The line is that of the entry, whatever stands between them.
  @Test func `is named by its line`() throws {
    let well = "{ allow = 'a@b.example', policy = 'rejections', \(time) }"
    let file = NSTemporaryDirectory() + "lists-" + UUID().uuidString + ".lua"
    try "return {\n  \(well), -- {\n  { reason = '{',\n    allow = 'x' } }\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    var other = PolicySet(directory: root + "/policies")
    other.addList(file)
    #expect(
      other.errors.first?.description.contains("\(file):3: entry 2") == true, "\(other.errors)")
  }

  @Test(arguments: [
    ("203.0.113.0/20", "203.0.113.9", true), ("203.0.113.0/20", "203.0.128.9", false),
    ("203.0.113.77", "203.0.113.77", true), ("2001:db8:5::/48", "2001:db8:5:7::1", true),
  ])
  func `knows the networks of a customer`(network: String, address: String, isKnown: Bool) throws {
    let set = try lists("allow = 'a@b.example', network = '\(network)', \(time)")
    #expect(set.errors.isEmpty)
    let within = try #require(Instant(rfc3339: "2026-11-01T00:00:00Z"))
    let client = try #require(NetworkAddress(address))
    #expect(set.lists.knows("a@b.example", client, at: within) == isKnown)
    #expect(!set.lists.knows("c@b.example", client, at: within))
  }
}
