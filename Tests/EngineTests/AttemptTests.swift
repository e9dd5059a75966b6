import Engine
import Events
import Testing

@Suite struct `What the policy service sees` {
  private let dora = "dora@suedlicht.example"

  private func attempt(_ subject: String, from address: String, id: String? = nil)
    -> Engine.Attempt
  {
    .init(subject: subject, address: address, recipient: "x@y.example", queueID: id)
  }

  @Test func `tells who goes on trying since sending was stopped, and only since then`() {
    var story = Story()
    story.spam(dora, count: 30)
    var engine = replayed(story.lines)
    #expect(engine.stopped.map(\.subject) == [dora])
    let time = engine.now + TimeSpan(seconds: 10)
    for _ in 0..<3 { engine.take(attempt(dora, from: "198.51.100.7"), at: time) }
    engine.take(attempt(dora, from: "2001:db8::1"), at: time)
    engine.take(attempt(dora, from: "unknown"), at: time)
    engine.take(attempt("anna@nordwind.example", from: "198.51.100.8"), at: time)
    let seen = engine.tries(of: dora)
    #expect(seen.map { $0.address?.description } == ["198.51.100.7", "2001:db8::1", nil])
    #expect(seen.map(\.count) == [3, 1, 1])
    #expect(seen.allSatisfy { $0.last == time })
    #expect(engine.tries(of: "anna@nordwind.example").isEmpty)
    #expect(
      engine.obey(.restore, dora, reason: "renewed", actor: "uid 0", at: time) == nil)
    #expect(engine.tries(of: dora).isEmpty)
    // A later suspension begins anew.
    #expect(engine.obey(.suspend, dora, reason: "again", actor: "uid 0", at: time) == nil)
    #expect(engine.tries(of: dora).isEmpty)
  }

  @Test func `is bounded, however many addresses try`() {
    var story = Story()
    story.spam(dora, count: 30)
    var engine = replayed(story.lines)
    for number in 0..<10_000 {
      engine.take(
        attempt(dora, from: "198.51.\(number / 250).\(number % 250)"), at: engine.now)
    }
    let seen = engine.tries(of: dora)
    #expect(seen.count == 51)
    #expect(seen.last?.address == nil && seen.last?.count == 10_000 - 50)
  }

  /// A website's mail over SMTP, as the log has it: no login and no uid.
  private func spoken(_ id: String, in story: inout Story) {
    story.log("postfix/smtpd[1]", "\(id): client=localhost[127.0.0.1]")
    story.log("postfix/qmgr[1]", "\(id): from=<x@y.example>, size=1000, nrcpt=1 (queue active)")
    story.result(
      id, "o@d\(id).example", status: "bounced", "host mx said: 554 5.7.1 spam detected")
    story.wait(5)
  }

  @Test(arguments: [true, false])
  func `says whose a website's message is, before the log or after it`(isBefore: Bool) {
    var engine = replayed([])
    let parser = Lines()
    for number in 0..<40 {
      var story = Story()
      story.wait(Int64(number) * 5)
      let id = "A\(1000 + number)FB0"
      spoken(id, in: &story)
      if isBefore {
        engine.take(attempt("uid:5101", from: "127.0.0.1", id: id), at: story.now)
        parser.feed(story.lines, to: &engine)
      } else {
        parser.feed(story.lines, to: &engine)
        engine.take(attempt("uid:5101", from: "127.0.0.1", id: id), at: story.now)
      }
    }
    #expect(engine.stopped.map(\.subject) == ["uid:5101"])
    #expect(engine.outgoing.unattributed == 0)
    #expect(engine.queuedIDs(of: "uid:5101").count == 40)
  }

  @Test func `makes no website of the host's own programs`() {
    var engine = replayed([])
    var story = Story()
    spoken("A1000FB0", in: &story)
    Lines().feed(story.lines, to: &engine)
    engine.take(attempt("uid:110", from: "127.0.0.1", id: "A1000FB0"), at: story.now)
    #expect(engine.outgoing.unattributed == 1)
    #expect(engine.queuedIDs(of: "uid:110").isEmpty)
  }
}
