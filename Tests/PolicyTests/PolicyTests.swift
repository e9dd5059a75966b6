import Events
import Foundation
import Policy
import Testing

let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// Loads one policy from text, in a folder of its own.
func load(_ text: String, name: String = "test", set: [String] = []) throws -> PolicySet {
  let folder = NSTemporaryDirectory() + "policies-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try text.write(toFile: folder + "/\(name).lua", atomically: true, encoding: .utf8)
  return PolicySet(directory: folder, overrides: set)
}

private func policy(
  windows: String = "", on: String = "delivery = { decide = function() end }", extra: String = ""
)
  -> String
{
  """
  return {
    name = "test", about = "For a test.", \(extra)
    settings = {
      limit = 5,   -- how many
      over = "1h", -- the window
    },
    windows = function(settings) return { \(windows) } end,
    on = { \(on) },
  }
  """
}

@Suite struct `A policy` {
  @Test(arguments: [
    ("n = { count = 'delivery', over = '1h' }", "{ n = 3 }", ["1h repeats the setting 'over'"]),
    ("n = { count = \"delivery\", over = \"1h\" }", "{ n = 3 }", ["1h repeats the setting 'over'"]),
    ("n = { count = 'delivery', over = '2h' }", "{ n = 5 }", ["5 repeats the setting 'limit'"]),
    (
      "n = { count = 'delivery', where = { recipient_count = 5 }, over = settings.over }",
      "{ n = 50 }",
      ["5 repeats the setting 'limit'"]
    ),
    // One is a name's part, one is in a comment, one stands for itself.
    ("n5 = { count = 'delivery', over = settings.over }", "{ n5 = settings.limit } -- 5, 1h", []),
    (
      "over = { count = 'delivery', over = '1h' }", "{ over = 1 }",
      ["1h repeats the setting 'over'"]
    ),
  ])
  func `that repeats a setting's default is warned of, with the line`(
    windows: String, when: String, says: [String]
  ) throws {
    let set = try load(
      policy(
        windows: windows,
        on:
          "delivery = {\n when = function(settings) return \(when)\n end, decide = function() end }"
      ))
    #expect(set.errors.isEmpty, "\(set.errors)")
    #expect(set.warnings.count == says.count, "\(set.warnings)")
    for (warning, text) in zip(set.warnings, says) {
      #expect(warning.contains("test.lua:") && warning.contains(text), "\(warning)")
    }
  }

  @Test func `is read with its settings, windows and handlers`() throws {
    let set = try load(
      policy(
        windows: "n = { count = 'delivery', over = settings.over }",
        on: "delivery = { when = { n = 3 }, decide = function() end }"))
    #expect(set.errors.isEmpty)
    let loaded = try #require(set.policies.first)
    #expect(loaded.settings.map(\.name) == ["limit", "over"])
    #expect(loaded.settings.first?.note == "how many")
    #expect(loaded.windows.first?.declaration.over == TimeSpan(seconds: 3600))
    #expect(loaded.handlers.first?.gates == [Gate(window: 0, atLeast: 3)])
  }

  @Test func `takes what set says`() throws {
    let set = try load(policy(), set: ["test.limit=9"])
    #expect(set.policies.first?.settings.first?.text == "9")
    #expect(set.policies.first?.settings.first?.isChanged == true)
  }

  static let faults: [(text: String, set: [String], problem: String)] = [
    (policy(extra: "modus = 'x',"), [], "has no field 'modus'; did you mean 'mode'?"),
    (policy(windows: "n = { cuont = 'delivery', over = '1h' }"), [], "what does it measure?"),
    (policy(windows: "n = { count = 'delivry', over = '1h' }"), [], "did you mean 'delivery'?"),
    (policy(windows: "n = { count = 'delivery', over = '1x' }"), [], "over is no duration"),
    (
      policy(windows: "n = { count = 'delivery', over = '1h', by = 'acount' }"), [],
      "did you mean 'account'?"
    ),
    (
      policy(windows: "n = { count = 'delivery', over = '1h', where = { reply_clas = 'spam' } }"),
      [], "did you mean 'reply_class'?"
    ),
    (
      policy(windows: "n = { count = 'delivery', over = '1h', where = { reply_class = 'spma' } }"),
      [], "did you mean 'spam'?"
    ),
    (policy(windows: "n = { distinct = 'delivery', over = '1h' }"), [], "field is missing"),
    (
      policy(
        windows:
          "n = { sequential = 'delivery', bad = { reply_class = 'spam' }, over = '1h', p0 = 0.5, p1 = 0.1, alpha = 0.1, beta = 0.1 }"
      ), [], "p0 must be below p1"
    ),
    (policy(on: "delivry = { decide = function() end }"), [], "did you mean 'delivery'?"),
    (policy(on: "delivery = { wen = {}, decide = function() end }"), [], "did you mean 'when'?"),
    (
      policy(on: "delivery = { when = { m = 1 }, decide = function() end }"), [],
      "no window 'm' is declared"
    ),
    (policy(on: "delivery = {}"), [], "has no decide"),
    ("return 1", [], "the file returns a number"),
    ("return { name = 'other' }", [], "name is not the file's"),
    ("return { name = 'test' }", [], "about is missing"),
    ("return {", [], "unexpected symbol"),
    (policy(windows: "n = { count = settings.limt }"), [], "did you mean 'limit'?"),
    (policy(), ["test.limt=9"], "did you mean 'limit'?"),
    (policy(), ["test.limit=x"], "is not of the setting's kind"),
    (policy(), ["tset.limit=1"], "did you mean 'test'?"),
  ]

  @Test(arguments: faults.indices)
  func `with a fault is refused, with place and remedy`(number: Int) throws {
    let fault = Self.faults[number]
    let set = try load(fault.text, set: fault.set)
    let text = set.errors.map(\.description).joined(separator: "\n")
    #expect(text.contains(fault.problem))
    #expect(text.contains("test.lua") || text.contains("--set"))
  }
}

@Suite struct `The shipped policies` {
  @Test func `load without a fault or a warning`() {
    let set = PolicySet(directory: root + "/policies")
    #expect(set.errors.isEmpty)
    #expect(set.warnings.isEmpty)
    #expect(set.policies.count >= 10)
    for policy in set.policies {
      for setting in policy.settings {
        #expect(setting.note != nil, "\(policy.name).\(setting.name) has no meaning")
      }
    }
  }

  @Test func `stand beside a stub that names what there is`() throws {
    let stub = try String(contentsOfFile: root + "/policies/sperrwerk.d.lua", encoding: .utf8)
    for field in EventField.allCases {
      #expect(
        stub.contains("---@field \(field.name) ") || stub.contains("---@field \(field.name)? "))
    }
    for field in CaseField.allCases { #expect(stub.contains("---@field \(field.name) ")) }
    for action in Decision.Action.allCases {
      #expect(stub.contains("function sperrwerk.\(action.name)("))
    }
    let functions = stub.components(separatedBy: "function sperrwerk.").dropFirst().map {
      String($0.prefix { $0 != "(" })
    }
    #expect(Set(functions) == Set(Decision.Action.allCases.map(\.name)))
  }
}
