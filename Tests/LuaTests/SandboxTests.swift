import Foundation
import Lua
import Testing

private final class NoFields: FieldReader {
  func read(view: Int, field: Int) -> Scalar { .none }
  func unknown(view: Int, name: String) -> String { "no '\(name)' here" }
}

private func run(_ source: String) throws(LuaError) -> Value {
  let reader = NoFields()
  let state = State(reader: reader)!
  defer { withExtendedLifetime(reader) {} }
  return try state.load(Array(source.utf8), name: "policies/test.lua")
}

@Suite struct `A hostile script` {
  static let scripts: [(name: String, source: String)] = [
    ("endless loop", "while true do end"),
    ("endless goto", "::a:: goto a"),
    ("pattern bomb", "return ('a'):rep(400):find(('.-'):rep(4) .. 'b')"),
    ("giant rep", "return ('x'):rep(1e9)"),
    ("method rep", "local s = 'x' return s:rep(1e12)"),
    ("growing text", "local s = 'x' while true do s = s .. s end"),
    ("growing table", "local t = {} local i = 0 while true do i = i + 1 t[i] = i end"),
    (
      "hostile comparator",
      "local t = {} for i = 1, 3000 do t[i] = i end table.sort(t, function(a, b) local n = 0 for i = 1, 1000 do n = n + i end return true end)"
    ),
    ("recursion", "local function f() return 1 + f() end return f()"),
    ("quadratic search", "return ('a'):rep(30000):find('.-b')"),
    ("pattern of captures", "return ('a'):rep(500):match(('(a-'):rep(30) .. ('b)'):rep(30))"),
    ("deep pattern", "return ('a'):rep(500):match(('a?'):rep(400) .. ('a'):rep(400))"),
    ("gsub that grows", "local s = ('x'):rep(9000) return #s:gsub('x', s)"),
    ("nested gsub", "return (('a'):rep(2000):gsub('.-.-.-b', 'x'))"),
    ("format", "return ('%99999999d'):format(1)"),
    ("address", "return tostring({})"),
    ("address by format", "return ('%s'):format(print or {})"),
    ("unpack", "return select('#', table.unpack({}, 1, 1e7))"),
    ("table for an error", "error({})"),
    ("no load", "return load('return 1')"),
    ("no pcall", "return pcall(error)"),
    ("no io", "return io.open('/etc/passwd')"),
    ("no os", "return os.time()"),
    ("no metatable", "return getmetatable('').__index"),
    ("no random", "return math.random()"),
    ("global write", "x = 1"),
    ("library write", "string.rep = nil"),
    ("library write by method", "('x').rep = nil"),
    ("bytecode", "\u{1b}Lua"),
    ("syntax", "return {"),
    (
      "tables within tables",
      "local t = {} for i = 1, 11 do t = { t, t, t, t, t, t, t, t } end return t"
    ),
    ("a table within itself", "local t = {} t.t = t return t"),
    ("deep tables", "local t = {} for i = 1, 5000 do t = { t } end return t"),
    ("keys without an order", "for key in pairs({ [{}] = 1, [{}] = 2 }) do end"),
    ("keys without an order in a result", "return { [{}] = 1 }"),
    (
      "a function for a key",
      "local n = 0 local t = { [function() n = n + 1 end] = 1 } return function() return t end"
    ),
    ("a kept iterator", "local step = pairs({ 1, 2 }) return function() return step() end"),
    ("a kept match", "local step = ('a b'):gmatch('%a') return function() return step() end"),
    (
      "deep functions",
      "local f for i = 1, 5000 do local g = f f = function() return g end end return f"
    ),
  ]

  @Test(arguments: scripts.map(\.name))
  func `ends in an error, the same in every run`(name: String) throws {
    let source = try #require(Self.scripts.first { $0.name == name }).source
    var messages: Set<String> = []
    for _ in 0..<3 {
      do {
        let value = try run(source)
        Issue.record("\(name) gave \(value)")
      } catch {
        messages.insert(error.description)
      }
    }
    #expect(messages.count == 1)
    #expect(messages.first?.contains("policies/test.lua") == true)
  }

  @Test(arguments: [
    "/" + String(repeating: "long/", count: 60) + "test.lua", "a:12: b.lua", "x",
  ])
  func `names file and line, whatever the file is called`(name: String) {
    for source in ["local a = 1\nlocal b = nosuch", "local a = 1\nreturn {{", "\nerror('x:1')"] {
      let reader = NoFields()
      let state = State(reader: reader)!
      defer { withExtendedLifetime(reader) {} }
      do {
        _ = try state.load(Array(source.utf8), name: name)
        Issue.record("no error")
      } catch {
        #expect(error.line == 2)
        #expect(error.description.hasPrefix("\(name):2: "))
      }
    }
  }

  @Test(arguments: [
    (
      "local t = {} for i = 1, 11 do t = { t, t, t, t, t, t, t, t } end return t",
      "policies/test.lua: its tables have more than 20000 entries in all"
    ),
    (
      "local s, t = ('x'):rep(2000), {} for i = 1, 1000 do t[i] = s end return t",
      "policies/test.lua: its texts have more than 1048576 bytes in all"
    ),
  ])
  func `gives no more than there is room for`(source: String, message: String) {
    #expect { try run(source) } throws: { "\($0)" == message }
  }

  @Test func `names the line`() {
    #expect(throws: LuaError.self) { try run("local a = 1\nlocal b = nosuch\n") }
    do { _ = try run("local a = 1\nlocal b = nosuch\n") } catch { #expect(error.line == 2) }
  }
}

@Suite struct `A script` {
  @Test func `walks its tables in order`() throws {
    let source = """
      local out = {}
      for key in pairs({ b = 1, a = 2, [2] = 3, [1] = 4, c = 5 }) do out[#out + 1] = tostring(key) end
      return table.concat(out, " ")
      """
    for _ in 0..<20 { #expect(try run(source) == .text("1 2 a b c")) }
  }

  /// Loads a chunk that returns a function, and calls it twice.
  private func twice(_ source: String) throws -> [Value] {
    let reader = NoFields()
    let state = State(reader: reader)!
    defer { withExtendedLifetime(reader) {} }
    let loaded = try state.load(Array(source.utf8), name: "policies/test.lua")
    var function = loaded
    if case .table(let table) = loaded { function = table["decide"] }
    guard case .function(let handler) = function else { return [] }
    return try (0..<2).map { _ in try state.call(handler, [], chunk: "policies/test.lua") }
  }

  @Test(arguments: [
    "local n = 0 return function() n = n + 1 return n end",
    "local n = nil return { decide = function() n = (n or 0) + 1 return n end }",
    "local n = 0 local function count() n = n + 1 end return function() count() return n end",
    "local f = function() return 1 end return function() local r = f() f = function() return 2 end return r end",
    "return function() local r = tostring(_ENV) and 1 _ENV = { tostring = false } return r end",
    "local function a() local n = 0 return function() n = n + 1 return n end end return { decide = a() }",
    "local n, m = 0, 0 local function f() m = m + n end return function() n = n + 1 f() return m end",
    "local step = nil return function() step = step or pairs({ 1, 2 }) return (step()) end",
  ])
  func `keeps nothing from call to call`(source: String) throws {
    let source = source.replacing("tostring(_ENV)", with: "type(_ENV)")
      .replacing("tostring = false", with: "type = false")
    #expect(try twice(source) == [.integer(1), .integer(1)])
  }

  @Test(arguments: [
    "local t = {} return function() t.n = 1 end",
    "local t = { inner = {} } return { decide = function() t.inner.n = 1 end }",
    "local p = {} p.list = { 1 } p.decide = function() p.list[2] = 1 end return p",
  ])
  func `may not write to tables that outlive the call`(source: String) {
    #expect(throws: LuaError.self) { try twice(source) }
  }

  @Test func `reads the tables beside its functions`() throws {
    let source = """
      local known = { "a", "b", inner = { c = 3 } }
      return { decide = function()
        local sum = #known + known.inner.c
        for _, word in ipairs(known) do sum = sum + #word end
        for key in pairs(known) do sum = sum + 1 end
        return sum
      end }
      """
    #expect(try twice(source) == [.integer(10), .integer(10)])
  }

  @Test func `sorts, matches and formats`() throws {
    #expect(
      try run("local t = { 3, 1, 2 } table.sort(t) return table.concat(t, ',')") == .text("1,2,3"))
    #expect(try run("return ('anna@example.net'):match('@(.+)$')") == .text("example.net"))
    #expect(try run("return ('%d of %s'):format(3, 'x')") == .text("3 of x"))
  }

  @Test func `matches patterns as the stock library does`() throws {
    let file = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let source = try String(contentsOfFile: file + "/Fixtures/patterns.lua", encoding: .utf8)
    guard case .table(let result) = try run(source), case .table(let wrong) = result["wrong"] else {
      return #expect(Bool(false))
    }
    #expect(result["cases"].asNumber ?? 0 > 120)
    #expect(wrong.entries.isEmpty, "\(wrong.entries.map(\.value))")
  }

  @Test func `may use ordinary patterns on a long reply`() throws {
    let source = """
      local reply = ("550 5.7.1 rejected by policy of the remote server; "):rep(40)
      local a, b, c = reply:match("^(%S+) (%S+) (.-);%s*$")
      local words = 0
      for _ in reply:gmatch("%a+") do words = words + 1 end
      return words + #(reply:gsub("%s+", " ")) - #reply + (a == "550" and 1 or 0)
      """
    #expect(try run(source) == .integer(281))
  }

  @Test func `gives its value as it is`() throws {
    let value = try run("return { name = 'x', list = { 1, 2.5, true } }")
    guard case .table(let table) = value else { return #expect(Bool(false)) }
    #expect(table["name"] == .text("x"))
    guard case .table(let list) = table["list"] else { return #expect(Bool(false)) }
    #expect(list.sequence == [.integer(1), .number(2.5), .flag(true)])
  }
}
