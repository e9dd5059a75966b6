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
  ])
  func `that is not sound is refused`(entry: String, problem: String) throws {
    let text = try lists(entry).errors.map(\.description).joined()
    #expect(text.contains(problem))
    #expect(entry.hasPrefix("alow") || text.contains(".lua:2"))
  }
}
