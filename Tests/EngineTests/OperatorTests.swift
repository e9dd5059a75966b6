import Engine
import Events
import Testing

/// An engine that takes a story's lines and operators' words in turn.
private final class Desk {
  private var engine: Engine
  private let reader = Lines()
  private var taken = 0

  init(accounts: String = "account", keep: TimeSpan? = nil) {
    var settings = Engine.Settings()
    settings.keep = keep
    engine = freshEngine(settings, accounts: accounts)
  }

  /// The lines that the story has gained since the last call.
  func take(_ story: Story) {
    reader.feed(Array(story.lines.dropFirst(taken)), to: &engine)
    taken = story.lines.count
  }

  func renew(_ login: String, at time: Instant) { engine.renew(login, at: time) }

  @discardableResult func say(_ input: Input) -> String? { engine.take(input) }

  func order(_ order: Engine.Order, _ subject: String, at time: Instant) -> String? {
    say(.order(order, subject: subject, reason: "a reason", actor: "uid 1000", at: time))
  }

  func allow(
    _ subject: String, policy: String? = nil, network: AddressRange? = nil, volume: Double? = nil,
    for days: Int64 = 30, at time: Instant
  ) -> String? {
    say(
      .allow(
        ListReport.Entry(
          kind: .allow, subject: subject, policy: policy, network: network, volume: volume,
          from: time, until: time + TimeSpan(seconds: days * 86_400), reason: "a mailing",
          actor: "uid 1000"), at: time))
  }

  func steps(_ action: Transition.Action) -> [Transition] {
    engine.transitions.filter { $0.action == action }
  }

  var lists: [ListReport.Entry] { engine.listReport.entries }
  var transitions: [Transition] { engine.transitions }
  var now: Instant { engine.now }
  var knownCases: [CaseSummary] { engine.knownCases }
  func stoppedAlone(within span: TimeSpan?) -> [String] { engine.stoppedAlone(within: span) }
  func hasCase(_ number: Int) -> Bool { engine.hasCase(number) }
  func caseNumber(of name: String) -> Int? { engine.caseNumber(of: name) }
  func members(of number: Int) -> [CaseDetail.Member] { engine.members(of: number) }

  func snapshot() -> [UInt8] { engine.snapshot() }
  func restore(_ bytes: [UInt8]) throws { try engine.restore(bytes) }
  func explanation(of name: String) -> Explanation? { engine.explanation(of: name) }
  func follow(_ steps: [Transition]) { for step in steps { engine.follow(step) } }
}

private let anna = "anna@nordwind.example"

@Suite struct `An operator's word` {
  @Test func `lets a policy not count for an account, until it is taken back`() {
    var story = Story()
    let desk = Desk()
    desk.take(story)
    #expect(desk.allow(anna, policy: "rejections", at: story.now) == nil)
    // The other policies would see the same mail.
    for policy in ["spam-verdicts", "queue-backlog", "new-place", "unknown-recipients", "signs"] {
      #expect(desk.allow(anna, policy: policy, at: story.now) == nil)
    }
    story.wait(10)
    story.spam(anna, count: 30)
    // The first login from a network is no new place: nothing lifts the entries.
    desk.take(story)
    let before = desk.steps(.suspend).count
    #expect(
      desk.say(.disallow(subject: anna, reason: "over", actor: "uid 1000", at: story.now)) == nil)
    story.spam(anna, count: 30)
    desk.take(story)
    #expect(before == 0 && desk.steps(.suspend).count == 1)
    #expect(
      desk.steps(.allow).first?.due == desk.steps(.allow)[0].time + .init(seconds: 30 * 86_400))
    #expect(
      desk.say(.disallow(subject: anna, reason: "x", actor: "uid 1000", at: story.now))
        == "no operator's entry allows \(anna) anything; those in files are edited there")
  }

  @Test func `that would allow everything, or something unknown, or for ever, is refused`() {
    let desk = Desk()
    let now = Story().now
    #expect(desk.allow(anna, at: now)?.contains("never everything") == true)
    #expect(
      desk.allow(anna, policy: "rejektions", at: now)?.contains("did you mean 'rejections'?")
        == true)
    let everybody = AddressRange("192.0.2.0/7")
    #expect(desk.allow(anna, network: everybody, at: now)?.contains("write 192.0.2.0/24") == true)
    #expect(desk.allow(anna, network: AddressRange("192.0.2.77/24"), at: now) == nil)
    #expect(desk.lists.last?.network.map { "\($0)" } == "192.0.2.0/24")
    #expect(desk.allow(anna, volume: 5, for: 400, at: now)?.contains("at most a year") == true)
    #expect(desk.allow("a b", volume: 5, at: now)?.contains("neither a login") == true)
  }

  @Test func `stands in the ledger, in the snapshot, and in the lists`() throws {
    let desk = Desk()
    let now = Story().now
    #expect(
      desk.allow(anna, policy: "rejections", network: AddressRange("192.0.2.1"), volume: 7, at: now)
        == nil)
    let entries = desk.lists
    #expect(entries.count == 1 && entries[0].isInForce && entries[0].actor == "uid 1000")
    let follower = Desk()
    follower.follow(desk.transitions)
    #expect(follower.lists == entries)
    let copy = Desk()
    try copy.restore(desk.snapshot())
    #expect(copy.lists == entries)
    desk.say(.disallow(subject: anna, reason: "over", actor: "uid 1000", at: now))
    follower.follow(desk.steps(.disallow))
    #expect(follower.lists.isEmpty)
  }

  @Test func `that a case was a false alarm keeps its policy from finding it again`() {
    var story = Story()
    let desk = Desk()
    story.spam(anna, count: 30)
    desk.take(story)
    #expect(desk.order(.dismiss, anna, at: story.now) == nil)
    let entry = desk.lists.last
    #expect(entry?.policy == desk.steps(.suspend).first?.policy)
    #expect(entry?.reason == "case 1 was dismissed: a reason")
  }

  private static let family = """
    account,domain,customer,reseller,contact,locale
    anna@nordwind.example,nordwind.example,K1,,,de
    bernd@nordwind.example,nordwind.example,K1,,,de
    """

  @Test func `waives a mailbox of an incident, and the others' renewal is enough`() {
    var story = Story()
    let desk = Desk(accounts: Self.family)
    story.spam(anna, count: 30)
    story.spam("bernd@nordwind.example", count: 30)
    desk.take(story)
    #expect(desk.steps(.incident).count == 1)
    #expect(
      desk.order(.waive, "nobody@x.example", at: story.now)?.contains("not suspended") == true)
    #expect(desk.order(.waive, anna, at: story.now) == nil)
    #expect(desk.order(.waive, anna, at: story.now)?.contains("waived already") == true)
    #expect(
      desk.order(.waive, "bernd@nordwind.example", at: story.now)?.contains("last that must renew")
        == true)
    #expect(desk.members(of: 1).map(\.isWaived) == [true, false])
    story.wait(3600)
    desk.renew("bernd@nordwind.example", at: story.now)
    #expect(Set(desk.steps(.restore).map(\.subject)) == [anna, "bernd@nordwind.example"])
  }

  @Test func `waives no mailbox that stands alone`() {
    var story = Story()
    let desk = Desk()
    story.spam(anna, count: 30)
    desk.take(story)
    #expect(
      desk.order(.waive, anna, at: story.now)?.contains("no part of an incident") == true)
  }

  @Test func `forgets an account whose cases are over, and no other`() {
    var story = Story()
    let desk = Desk()
    story.spam(anna, count: 30)
    desk.take(story)
    let forget = { (name: String) in
      desk.say(.forget(subject: name, reason: "asked", actor: "uid 1000", at: story.now))
    }
    #expect(forget(anna)?.contains("case 1 of \(anna) is not over (suspended)") == true)
    #expect(desk.order(.dismiss, anna, at: story.now) == nil)
    #expect(desk.explanation(of: anna)?.mailsToday ?? 0 > 0)
    #expect(forget(anna) == nil)
    #expect(!desk.hasCase(1) && desk.knownCases.isEmpty)
    // Its mail is still queued, as far as the log tells: its name stays, and nothing else.
    #expect(desk.explanation(of: anna)?.mailsToday == 0)
    #expect(desk.explanation(of: anna)?.steps.isEmpty == true)
    #expect(desk.lists.isEmpty)
    #expect(desk.transitions.last?.reason == "an account was forgotten: asked")
    #expect(!String(decoding: desk.snapshot(), as: UTF8.self).contains("spam by content filter"))
    // Its number stays taken.
    #expect(desk.order(.suspend, "x@nordwind.example", at: story.now) == nil)
    #expect(desk.caseNumber(of: "x@nordwind.example") == 2)
  }

  @Test func `forgets an account on probation too`() {
    let story = Story()
    let desk = Desk()
    #expect(desk.order(.suspend, anna, at: story.now) == nil)
    #expect(desk.order(.restore, anna, at: story.now) == nil)
    #expect(
      desk.say(.forget(subject: anna, reason: "asked", actor: "uid 1000", at: story.now)) == nil)
    #expect(!desk.hasCase(1))
    let later = story.now + TimeSpan(seconds: 30 * 86_400)
    desk.say(.tick(later))
    #expect(desk.steps(.closed).isEmpty)
  }

  @Test func `is not needed for a case that has been over for long: it is forgotten by itself`() {
    var story = Story()
    let desk = Desk(keep: TimeSpan(seconds: 86_400))
    story.spam(anna, count: 30)
    desk.take(story)
    #expect(desk.order(.dismiss, anna, at: story.now) == nil)
    story.spam("bernd@nordwind.example", count: 30)
    desk.take(story)
    #expect(desk.hasCase(1))
    desk.say(.tick(story.now + TimeSpan(seconds: 2 * 86_400)))
    #expect(!desk.hasCase(1))
    // Others keep theirs, and their numbers.
    #expect(desk.knownCases.map(\.number) == [2])
    #expect(desk.order(.dismiss, "bernd@nordwind.example", at: desk.now) == nil)
    #expect(desk.order(.suspend, "x@nordwind.example", at: desk.now) == nil)
    #expect(desk.caseNumber(of: "x@nordwind.example") == 3)
  }

  @Test func `explains how near each policy is`() throws {
    var story = Story()
    let desk = Desk()
    story.spam(anna, count: 3)
    desk.take(story)
    let found = try #require(desk.explanation(of: anna))
    #expect(found.openCase == nil && found.protection == nil && found.mailsToday == 3)
    let rejections = try #require(found.policies.first { $0.name == "rejections" })
    #expect(rejections.event == "delivery" && !rejections.gates.isEmpty)
    #expect(rejections.gates.contains { ($0.value ?? 0) > 0 })
    #expect(rejections.settings.contains { $0.name == "spammer" })
    #expect(desk.explanation(of: "nobody@x.example") == nil)
    story.spam("postmaster@nordwind.example", count: 1)
    desk.take(story)
    #expect(
      desk.explanation(of: "postmaster@nordwind.example")?.protection?.contains("reachable") == true
    )
  }

  @Test func `about queued mail stands in the case`() {
    var story = Story()
    let desk = Desk()
    story.spam(anna, count: 30)
    desk.take(story)
    desk.say(.queue(subject: anna, text: "delete: spam", actor: "uid 1000", at: story.now))
    #expect(desk.steps(.queue).first?.caseNumber == 1)
  }

  @Test func `that lets queued mail go stands above what a restart would hold`() {
    var story = Story()
    let desk = Desk()
    story.spam(anna, count: 20)
    desk.take(story)
    let soon = TimeSpan(seconds: 600)
    #expect(desk.stoppedAlone(within: soon) == [anna])
    desk.say(.tick(story.now + TimeSpan(seconds: 900)))
    #expect(desk.stoppedAlone(within: soon) == [])
    #expect(desk.stoppedAlone(within: TimeSpan(seconds: 3600)) == [anna])
    desk.say(.queue(subject: anna, text: "delete: spam", actor: "uid 1000", at: desk.now))
    #expect(desk.stoppedAlone(within: TimeSpan(seconds: 3600)) == [anna])
    desk.say(
      .queue(subject: anna, text: "release: looked at", actor: "uid 1000", at: desk.now))
    #expect(desk.stoppedAlone(within: TimeSpan(seconds: 3600)) == [])
    #expect(desk.stoppedAlone(within: nil) == [])
  }
}
