import Foundation
import Testing

/// A folder of its own with files in it, gone when the test is over.
private func withFiles(_ files: [String: Data], _ body: (String) throws -> Void) throws {
  let folder = NSTemporaryDirectory() + "bad-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: folder) }
  for (name, data) in files {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try data.write(to: URL(fileURLWithPath: path))
  }
  try body(folder)
}

@Suite struct `Bad input` {
  static let log = "samples/seed-story/mail.log"

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: [UInt8]]
    /// `@/` stands for the folder.
    var arguments: [String]
    /// In the messages or in the summary.
    var says: [String]
    var status: Int32?

    init(
      _ name: String, _ files: [String: String], _ arguments: [String], says: [String],
      status: Int32? = nil
    ) {
      testDescription = name
      self.files = files.mapValues { Array($0.utf8) }
      self.arguments = arguments
      self.says = says
      self.status = status
    }
  }

  static let nginx = "192.0.2.1 - - [24/Nov/2026:03:00:00 +0000] \"GET / HTTP/1.1\" 200 5\n"
  static let policy =
    "return { name = 'p', about = 'x', subject = 'account', settings = {}, windows = {}, on = { delivery = { decide = function() end } } }"
  static let cases = [
    Case(
      "a log of another program", ["access.log": nginx], ["replay", "@/access.log"],
      says: ["access.log:1: none of its 1 lines is a mail log's"], status: 1),
    Case(
      "a folder with one foreign log among others",
      ["a.log": nginx, "b.log": "2026-11-24T03:00:00Z mx postfix/qmgr[1]: ABC123: removed\n"],
      ["replay", "@/"], says: ["a.log:1: none of its 1 lines", "b.log: 1 line, 1 of them events"],
      status: 1),
    Case(
      "websites that this machine's Postfix cannot hold",
      ["s.yaml": "logs: []\nsites: /nowhere.csv\npostfix:\n  held_sites: /nowhere/held\n"],
      ["check", "--settings", "@/s.yaml"],
      says: ["warning: websites can be suspended, not held", "policies are well"], status: 0),
    Case(
      "a settings file that is not there", [:], ["check", "--settings", "@/none.yaml"],
      says: ["none.yaml"], status: 66),
    Case(
      "an output that is full", [:], ["replay", log, "--decisions", "/dev/full"],
      says: ["the output cannot be written: no space left"], status: 73),
    Case("an empty log", ["mail.log": ""], ["replay", "@/mail.log"], says: ["0 lines"], status: 0),
    Case("an empty folder", ["x/.hidden": ""], ["replay", "@/x"], says: ["no logs there"]),
    Case(
      "a half-written last line",
      ["mail.log": "2026-11-24T03:00:00Z mx postfix/qmgr[1]: ABC123: removed\n2026-11-24T03:0"],
      ["replay", "@/mail.log"], says: ["the last line has no end", "1 of them events"], status: 0),
    Case(
      "a line without end",
      ["mail.log": nginx + String(repeating: "x", count: 300_000) + "\n" + nginx],
      ["replay", "@/mail.log"], says: ["too long", "none of its 3 lines"], status: 1),
    Case(
      "accounts without the column", ["a.csv": "konto;kunde\na;b\n"],
      ["replay", "--accounts", "@/a.csv", log],
      says: ["a.csv:1: no column 'account'; the first line must name the columns"], status: 1),
    Case(
      "accounts with an open quotation mark", ["a.csv": "account,customer\n\"a@b.example,K1\n"],
      ["replay", "--accounts", "@/a.csv", log], says: ["a.csv:2: a quotation mark is never closed"],
      status: 1),
    Case(
      "accounts that are a folder", [:], ["replay", "--accounts", "Sources", log],
      says: ["Sources: is a directory; check its name"], status: 66),
    Case(
      "websites whose uid is no number", ["s.csv": "uid,user\nabc,web1\n"],
      ["replay", "--sites", "@/s.csv", log], says: ["s.csv:2: uid is no number"], status: 1),
    Case(
      "a broken queue snapshot",
      ["20261124T030000Z.jsonl": "not json\n{\"queue_name\":\"deferred\"\n"],
      ["replay", "--queue", "@/20261124T030000Z.jsonl", log],
      says: ["20261124T030000Z.jsonl:1: not readable; 2 such lines", "take the snapshot again"],
      status: 1),
    Case(
      "a password log of something else", ["pw.log": "hello\nworld\n"],
      ["replay", "--password-changes", "@/pw.log", log],
      says: ["pw.log:1: not readable; 2 such lines were left out; a line is a time and an account"],
      status: 1),
    Case(
      "a text as a geographic database", ["x.mmdb": "hello\n"],
      ["replay", "--geo", "@/x.mmdb", log],
      says: ["x.mmdb: ", "name a database in MaxMind's format"], status: 66),
    Case(
      "a policy with a syntax error", ["p/p.lua": "return {\n  name = 'p',\n  about = = 'x',\n}\n"],
      ["replay", "--policies", "@/p", log], says: ["p/p.lua:3: ", "correct the line"], status: 65),
    Case(
      "a policy that never ends", ["p/p.lua": "local n = 0\nwhile true do n = n + 1 end\n"],
      ["check", "--policies", "@/p"], says: ["p/p.lua:2: the budget is used up"], status: 65),
    Case(
      "a folder with a broken policy, to test", ["p/p.lua": "return 1"],
      ["test", "--policies", "@/p"],
      says: ["p/p.lua", "the file returns a number"], status: 65),
    Case(
      "a policy test that is none", ["p/p.lua": policy, "p/tests/p.lua": "return 5"],
      ["test", "--policies", "@/p"], says: ["p/tests/p.lua: returns no list"]),
    Case(
      "a policy test with a wrong field",
      ["p/p.lua": policy, "p/tests/p.lua": "return { { name = 'a', logs = {}, expect = {} } }"],
      ["test", "--policies", "@/p"], says: ["test 1: no field 'logs'; did you mean 'log'?"]),
    Case(
      "lists that are none", ["l.lua": "return 7"], ["replay", "--lists", "@/l.lua", log],
      says: ["l.lua: returns no list"], status: 65),
    Case(
      "a list whose entry is no table", ["l.lua": "return { 7 }"],
      ["replay", "--lists", "@/l.lua", log], says: ["l.lua: entry 1 is no table"], status: 65),
    Case(
      "reply patterns of no class",
      ["p/p.lua": policy, "p/replies.lua": "return { { class = 'spma', says = { 'x' } } }"],
      ["check", "--policies", "@/p"], says: ["no class 'spma'; did you mean 'spam'?"], status: 65),
    Case(
      "reply patterns without a text",
      ["p/p.lua": policy, "p/replies.lua": "return { { class = 'spam' } }"],
      ["check", "--policies", "@/p"], says: ["entry 1 has no class or no says"], status: 65),
    Case(
      "a policy file that is too large",
      ["p/p.lua": policy + String(repeating: " ", count: 300_000)], ["check", "--policies", "@/p"],
      says: ["p/p.lua: larger than 256 KiB; make several files of it"], status: 65),
  ]

  @Test(arguments: cases)
  func `is named with its file, and the rest is still done`(input: Case) throws {
    try withFiles(input.files.mapValues { Data($0) }) { folder in
      let result = try sperrwerk(
        input.arguments.map { $0.replacing("@/", with: folder + "/") })
      // The summary's lines end at 80 columns.
      let said = (result.errors + result.output).split { $0 == "\n" || $0 == " " }
        .joined(separator: " ")
      for text in input.says { #expect(said.contains(text), "\(said)") }
      if let status = input.status {
        #expect(result.status == status)
      } else {
        #expect(result.status != 0)
      }
    }
  }

  @Test func `that a compressed file holds is said too`() throws {
    // A header of gzip, and then nothing that could be decompressed.
    try withFiles(["x.gz": Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff])]) {
      let result = try sperrwerk(["replay", $0 + "/x.gz"])
      #expect(result.status != 0)
      #expect(result.errors.contains("x.gz"))
      #expect(result.errors.contains("copy the file again"))
    }
  }
}
