import Engine
import Events
import Testing

private let dora = "dora@suedlicht.example"

@Suite struct `A pause` {
  @Test func `stops nobody, and says whom it would stop`() {
    let host = Host()
    pause(host)
    host.steal(dora)
    #expect(host.engine.stopped.isEmpty)
    #expect(host.engine.transitions.contains { $0.reason.contains("paused; would ") })
    host.engine.take(.pause(false, reason: "over", actor: "uid 0", at: host.story.now))
    host.steal(dora)
    #expect(host.engine.stopped.map(\.subject) == [dora])
  }

  @Test func `neither suspends nor lets go whom a policy has on hold`() {
    let host = Host()
    // A hold of the machine, as the brakes make one of a suspension.
    host.engine.follow(
      transition(.hold, at: host.story.now) { $0.due = $0.time + TimeSpan(seconds: 600) })
    pause(host)
    host.story.wait(3600)
    host.engine.take(.tick(host.story.now))
    #expect(host.engine.cases[1].state == .held)
    host.engine.take(.pause(false, reason: "over", actor: "uid 0", at: host.story.now))
    host.story.wait(120)
    host.engine.take(.tick(host.story.now))
    #expect(host.engine.cases[1].state == .closed)
  }

  @Test func `restores nobody; whose passwords are renewed is restored when it ends`() {
    let host = Host()
    host.steal(dora)
    pause(host)
    host.story.wait(3600)
    host.change(dora)
    #expect(host.engine.cases[1].state == .verified)
    host.engine.take(.pause(false, reason: "over", actor: "uid 0", at: host.story.now))
    #expect(host.engine.cases[1].state == .restored)
  }

  @Test func `obeys operators`() {
    let host = Host()
    pause(host)
    #expect(host.obey(.suspend, dora) == nil)
    #expect(host.engine.stopped.map(\.subject) == [dora])
  }

  @Test func `is known again from the snapshot, and from the ledger, with who and why`() throws {
    let host = Host()
    pause(host)
    let copy = Host()
    try copy.engine.restore(host.engine.snapshot())
    let follower = Host()
    for step in host.engine.transitions { follower.engine.follow(step) }
    let expected = StatusReport.Pause(
      since: host.engine.now, actor: "uid 1000", reason: "storm: of false alarms")
    for engine in [copy, follower] { #expect(engine.engine.pause == expected) }
    host.engine.take(.pause(false, reason: "over", actor: "uid 0", at: host.story.now))
    for step in host.engine.transitions { follower.engine.follow(step) }
    #expect(follower.engine.pause == nil)
  }

  private func pause(_ host: Host) {
    host.engine.take(
      .pause(true, reason: "storm: of false alarms", actor: "uid 1000", at: host.story.now))
  }

  private func transition(
    _ action: Transition.Action, at time: Instant, _ more: (inout Transition) -> Void
  ) -> Transition {
    var step = Transition(
      time: time, action: action, subject: dora, policy: "rejections", reason: "x", caseNumber: 1)
    more(&step)
    return step
  }
}
