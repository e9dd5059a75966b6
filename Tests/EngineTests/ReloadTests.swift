import Collectors
import Events
import Foundation
import Policy
import Testing

@testable import Engine

private let dora = "dora@suedlicht.example"

@Suite struct `Policies that are taken anew` {
  private func policies(_ texts: [String: String]) throws -> PolicySet {
    let folder = NSTemporaryDirectory() + "reload-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in texts {
      try text.write(toFile: "\(folder)/\(name).lua", atomically: true, encoding: .utf8)
    }
    let policies = PolicySet(directory: folder)
    try #require(policies.errors.isEmpty, "\(policies.errors)")
    return policies
  }

  private func engine(_ policies: PolicySet) -> Engine {
    Engine(
      settings: Engine.Settings(), policies: policies, directory: Directory(), geo: Geo(),
      fileNames: ["mail.log"], classify: ReplyClassifier().classify)
  }

  private static let sign = """
    return {
      name = "sign", about = "For a test.", subject = "account",
      windows = function(settings) return {} end,
      on = {
        message = { once = "1h", decide = function(event, recent, settings)
          return sperrwerk.evidence { points = 1, reason = "a test" }
        end },
      },
    }

    """

  /// The tables from a database may be others every few minutes.
  @Test(arguments: [("", 1), ("-- mended", 2)])
  func `let a handler rest on that has decided, unless they are others`(more: String, count: Int)
    throws
  {
    var engine = engine(try policies(["sign": Self.sign]))
    var (story, lines) = (Story(), Lines())
    _ = story.submit(dora)
    lines.feed(story.lines, to: &engine)
    engine.adopt(
      try policies(["sign": Self.sign + more]), Engine.Settings(), Directory(),
      classify: ReplyClassifier().classify)
    let read = story.lines.count
    story.wait(60)
    _ = story.submit(dora)
    lines.feed(Array(story.lines.dropFirst(read)), to: &engine)
    let decisions = engine.statistics.decisions["sign"]
    #expect(decisions == count)
  }

  @Test func `let each handler of a policy rest for itself`() throws {
    let both = Self.sign.replacing(
      "    end },\n",
      with: """
            end },
            delivery = { once = "1h", decide = function(event, recent, settings)
              return sperrwerk.evidence { points = 1, reason = "another event" }
            end },

        """)
    try #require(both != Self.sign)
    var engine = engine(try policies(["sign": both]))
    var (story, lines) = (Story(), Lines())
    story.spam(dora, count: 3)
    lines.feed(story.lines, to: &engine)
    #expect(engine.statistics.decisions["sign"] == 2)
  }

  private func refusals(_ name: String, _ status: String, atLeast: Int) -> String {
    """
    return {
      name = "\(name)", about = "For a test.", subject = "account",
      windows = function(settings) return {
        \(status) = { count = "delivery", where = { status = "\(status)" }, by = "account", over = "1h" },
      } end,
      on = {
        delivery = {
          when = function(settings) return { \(status) = \(atLeast) } end,
          decide = function(event, recent, settings) return sperrwerk.alert { reason = "a test" } end,
        },
      },
    }
    """
  }

  @Test func `show the lines that their own windows have counted, wherever those stand now`() throws
  {
    let bounced = refusals("b", "bounced", atLeast: 3)
    var engine = engine(try policies(["b": bounced]))
    var (story, lines) = (Story(), Lines())
    story.spam(dora, count: 2)
    lines.feed(story.lines, to: &engine)
    let deferred = refusals("a", "deferred", atLeast: 1)
    engine.adopt(
      try policies(["a": deferred, "b": bounced]), Engine.Settings(), Directory(),
      classify: ReplyClassifier().classify)
    let read = story.lines.count
    let id = story.submit(dora)
    story.result(id, "x@y.example", status: "deferred", "host mx said: 450 4.7.1 spam detected")
    story.spam(dora, count: 1)
    lines.feed(Array(story.lines.dropFirst(read)), to: &engine)
    let shown = engine.transitions.map { step in
      "\(step.policy ?? "") "
        + step.evidence.map { $0.text.contains("bounced") ? "b" : "d" }.joined()
    }
    #expect(shown == ["a d", "b bbb"])
  }
}
