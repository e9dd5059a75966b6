import Foundation
import Policy
import Testing

@Suite struct `The names that a policy's functions read` {
  private func errors(_ body: String, event: String = "delivery") throws -> [String] {
    let text = """
      return {
        name = "test", about = "For a test.", settings = { limit = 5 },
        windows = function(settings) return { n = { count = "delivery", over = "1h" } } end,
        on = { \(event) = {
          decide = function(event, recent, settings)
      \(body)
          end } },
      }
      """
    return try load(text).errors.map(\.description)
  }

  @Test(arguments: [
    (
      "if recent.n > 99 then return sperrwerk.suspnd {} end",
      "sperrwerk has no 'suspnd'; did you mean 'suspend'?"
    ),
    (
      "return sperrwerk.alert { reason = event.reply_clas }",
      "event has no field 'reply_clas'; did you mean 'reply_class'?"
    ),
    ("if recent.m > 1 then return end", "no window 'm' is declared; did you mean 'n'?"),
    (
      "for i = 1, settings.limits do if i > 3 then return end end",
      "no setting 'limits'; did you mean 'limit'?"
    ),
    (
      "return sperrwerk.alert { reason = 'x' .. event.reply_clas }",
      "event has no field 'reply_clas'"
    ),
    ("if event.x then repeat local a = 1 until a end", "event has no field 'x'"),
  ])
  func `are checked before one of them is called`(body: String, problem: String) throws {
    let errors = try errors(body)
    #expect(errors.count == 1)
    #expect(errors.first?.contains("test.lua:6: \(problem)") == true, "\(errors)")
  }

  @Test(arguments: [
    "-- sperrwerk.nothing, event.nothing",
    "--[[ event.nothing\n event.nothing ]] return nil",
    "return sperrwerk.alert { reason = 'event.nothing \\' recent.nothing' }",
    "return sperrwerk.alert { reason = [==[event.nothing ]] ]==] }",
    "local event = { nothing = 1 } if event.nothing then return end",
    "local x = { event = { nothing = 1 } } if x.event.nothing then return end",
    "local f = function(recent) return recent.nothing end if f({}) then return end",
    "local a <const>, event = 1, {} if event.nothing then return end",
    "recent = { nothing = 1 } if recent.nothing then return end",
    "local a a, event = 1, {} if event.nothing then return end",
    "-- \u{2028} event.nothing \u{0B} event.nothing",
    "return sperrwerk.alert { reason = '\u{FE0F}event.nothing' }",
    "for _, event in ipairs({}) do if event.nothing then return end end",
    "if recent.n > 1.5e3 then return sperrwerk.suspend { reason = event.reply_class or '' } end",
  ])
  func `are not looked for in comments, texts, and what the function names itself`(body: String)
    throws
  {
    #expect(try errors(body).isEmpty)
  }

  @Test func `are those of a case where a grace is over`() throws {
    #expect(try errors("return event.since_hold.messages", event: "grace_over").isEmpty)
    for (body, says) in [
      ("return event.reply_class", "case has no field 'reply_class'"),
      (
        "if event.since_hold.mesages > 1 then return end",
        "case.since_hold has no field 'mesages'; did you mean 'messages'?"
      ),
    ] {
      #expect(try errors(body, event: "grace_over").first?.contains(says) == true)
    }
  }

  @Test func `may be of a window that only some settings declare`() throws {
    let text = """
      return {
        name = "test", about = "For a test.", settings = { strict = false },
        windows = function(settings) return {
          n = { count = "delivery", over = "1h" },
          m = settings.strict and { count = "delivery", over = "2h" } or nil,
        } end,
        on = { delivery = { decide = function(event, recent, settings)
          if settings.strict and recent.m > 1 then return sperrwerk.suspend { reason = "m" } end
        end } },
      }
      """
    #expect(try load(text).errors.isEmpty)
  }

  @Test func `may be those of either event of a function that serves two`() throws {
    let text = """
      local function judge(what, recent)
        local age = recent.n > 0 and what.age or what.reply_class
        if what.nothing then return end
      end
      return {
        name = "test", about = "For a test.",
        windows = function(settings) return { n = { count = "delivery", over = "1h" } } end,
        on = { delivery = { decide = judge }, grace_over = { decide = judge } },
      }
      """
    let errors = try load(text).errors.map(\.description)
    #expect(errors.count == 1 && errors[0].contains("test.lua:3: "), "\(errors)")
  }

  @Test func `are well in all shipped policies`() {
    #expect(PolicySet(directory: root + "/policies").errors.isEmpty)
  }
}
