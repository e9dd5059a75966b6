import Collectors
import Engine
import Events
import Foundation
import Policy
import Testing

/// What becomes of queued mail, as the policy says that stopped its sender.
@Suite struct `A policy's word about queued mail` {
  private let dora = "dora@suedlicht.example"

  private func engine(_ decision: String) throws -> Engine {
    let folder = NSTemporaryDirectory() + "choice-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try """
    return {
      name = "test", about = "For a test.", subject = "account",
      windows = function(settings) return {} end,
      on = {
        message = { decide = function(event, recent, settings)
          return sperrwerk.suspend { reason = "a test", \(decision) }
        end },
      },
    }
    """.write(toFile: folder + "/test.lua", atomically: true, encoding: .utf8)
    let policies = PolicySet(directory: folder)
    try #require(policies.errors.isEmpty, "\(policies.errors)")
    return Engine(
      settings: Engine.Settings(), policies: policies, directory: Directory(), geo: Geo(),
      fileNames: ["mail.log"], classify: ReplyClassifier().classify)
  }

  @Test(arguments: [
    ("", nil), ("queue = 'delete'", QueueChoice.delete), ("queue = 'release'", .release),
    ("queue = 'keep', grace = '10m'", .keep),
  ])
  func `stands in the case, and comes back from the ledger`(decision: String, choice: QueueChoice?)
    throws
  {
    var engine = try engine(decision)
    var story = Story()
    _ = story.submit(dora)
    Lines().feed(story.lines, to: &engine)
    #expect(engine.stopped.count == 1)
    #expect(engine.queueChoice(of: 1) == choice)
    #expect(engine.queueChoice(of: 2) == nil)
    var again = freshEngine()
    for step in engine.transitions { again.follow(step) }
    #expect(again.queueChoice(of: 1) == choice)
  }

  @Test func `that is none is the policy's fault, and stops nobody`() throws {
    var engine = try engine("queue = 'drop'")
    var story = Story()
    _ = story.submit(dora)
    Lines().feed(story.lines, to: &engine)
    #expect(engine.stopped.isEmpty)
    let fault = engine.statistics.failures["test"] ?? ""
    #expect(
      fault.contains("test.lua:6: queue is none of \"keep\", \"release\", \"delete\""), "\(fault)")
  }
}
