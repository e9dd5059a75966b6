import Collectors
import Engine
import Events
import Policy
import Testing

@Suite struct `A message that is put back into the queue` {
  /// As `postsuper -r` and pickup log it.
  private func putBack(_ id: String, in story: inout Story) -> String {
    let fresh = "7" + id
    story.log("postfix/postsuper[2]", "\(id): requeued")
    story.wait(30)
    story.log("postfix/pickup[1]", "\(fresh): uid=102 from=<x@y.example> orig_id=\(id)")
    story.log("postfix/qmgr[1]", "\(fresh): from=<x@y.example>, size=1400, nrcpt=1 (queue active)")
    return fresh
  }

  private func refuse(_ id: String, _ one: Int, in story: inout Story) {
    story.result(
      id, "opfer\(one)@domain\(one % 9).example", status: "bounced",
      "host mx said: 554 5.7.1 Message rejected as spam by content filter")
  }

  @Test func `is still its sender's`() {
    var story = Story()
    for one in 0..<30 {
      let id = putBack(story.submit("anna@nordwind.example"), in: &story)
      refuse(id, one, in: &story)
      story.wait(5)
    }
    let stopped = decide(story.lines).filter { $0.action == .suspend }.map(\.subject)
    #expect(stopped == ["anna@nordwind.example"])
  }

  @Test func `is not counted as another message`() {
    var story = Story()
    for _ in 0..<20 {
      let id = story.submit("anna@nordwind.example")
      _ = putBack(putBack(id, in: &story), in: &story)
    }
    let engine = replayed(story.lines)
    #expect(engine.outgoing.messages == 20)
    #expect(engine.outgoing.unattributed == 0)
  }

  @Test func `has its new id among what its sender has queued, and the old no more`() {
    var story = Story()
    let id = story.submit("anna@nordwind.example")
    let fresh = putBack(id, in: &story)
    #expect(replayed(story.lines).queuedIDs(of: "anna@nordwind.example") == [fresh])
  }

  @Test func `that was sent before a restore speaks against nobody after it`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 20)
    let late = (0..<60).map { _ in story.submit("anna@nordwind.example") }
    story.wait(3600)
    let renewal = story.now
    story.wait(3600)
    for (one, id) in late.enumerated() { refuse(putBack(id, in: &story), one, in: &story) }
    let after = decide(story.lines, changes: [(renewal, "anna@nordwind.example")])
      .filter { $0.time > renewal && ($0.action == .suspend || $0.action == .hold) }
    #expect(after.isEmpty)
  }

  @Test func `is nobody's where the log does not tell who sent it`() {
    var story = Story()
    for one in 0..<30 { refuse(putBack("E\(1000 + one)FB0", in: &story), one, in: &story) }
    let engine = replayed(story.lines)
    #expect(engine.transitions.allSatisfy { $0.action != .suspend && $0.action != .hold })
    #expect(engine.outgoing.unattributed == 30)
  }
}

@Suite struct `A queue that is too long to be known` {
  @Test func `is told, since whose mail it is goes unseen`() {
    var settings = Engine.Settings()
    settings.queueLimit = 50
    var engine = Engine(
      settings: settings, policies: PolicySet(directory: root + "/policies"),
      directory: Directory(), geo: Geo(), fileNames: ["mail.log"],
      classify: ReplyClassifier().classify)
    var story = Story()
    for _ in 0..<80 {
      _ = story.submit("anna@nordwind.example")
      story.wait(1)
    }
    Lines().feed(story.lines, to: &engine)
    func told() -> Int {
      engine.transitions.count { $0.reason.contains("30 queued messages, or results of some") }
    }
    for minutes in [11, 22] as [Int64] {
      engine.take(Input.tick(story.now + TimeSpan(seconds: minutes * 60)))
    }
    // Once: nothing more was dropped since.
    #expect(told() == 1)
  }
}
