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

  @Test func `sorts, matches and formats`() throws {
    #expect(
      try run("local t = { 3, 1, 2 } table.sort(t) return table.concat(t, ',')") == .text("1,2,3"))
    #expect(try run("return ('anna@example.net'):match('@(.+)$')") == .text("example.net"))
    #expect(try run("return ('%d of %s'):format(3, 'x')") == .text("3 of x"))
  }

  @Test func `gives its value as it is`() throws {
    let value = try run("return { name = 'x', list = { 1, 2.5, true } }")
    guard case .table(let table) = value else { return #expect(Bool(false)) }
    #expect(table["name"] == .text("x"))
    guard case .table(let list) = table["list"] else { return #expect(Bool(false)) }
    #expect(list.sequence == [.integer(1), .number(2.5), .flag(true)])
  }
}
