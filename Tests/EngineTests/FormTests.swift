import Engine
import Events
import Testing

@Suite struct `The contact form's side of the engine` {
  private func engine(needsReport: Bool = true) -> Engine {
    var settings = Engine.Settings()
    settings.needsReport = needsReport
    return freshEngine(
      settings,
      accounts:
        "account,customer\nanna@nordwind.example,Nordwind\nshop@nordwind.example,Nordwind\n")
  }

  @Test func `shows the whole incident, and reports it as a whole`() throws {
    var engine = engine()
    var story = Story()
    story.spam("anna@nordwind.example", count: 20)
    story.spam("shop@nordwind.example", count: 20)
    Lines().feed(story.lines, to: &engine)
    let found = engine.incident(of: 1)
    let incident = try #require(found)
    #expect(incident.members.map(\.subject) == ["anna@nordwind.example", "shop@nordwind.example"])
    let same = engine.incident(of: 2)
    #expect(same == incident)
    #expect(incident.members.allSatisfy { !$0.isOpen && !$0.isReported && $0.stoppedAt != nil })
    story.wait(600)
    let isReported = engine.take(.report(caseNumber: 2, at: story.now)) == nil
    #expect(isReported)
    engine.renew("anna@nordwind.example", at: story.now + TimeSpan(seconds: 60))
    let half = engine.incident(of: 1)?.members ?? []
    #expect(half.map(\.isReported) == [true, true])
    #expect(half.map { $0.renewedAt != nil } == [true, false])
    #expect(half.map(\.isOpen) == [false, false])
    engine.renew("shop@nordwind.example", at: story.now + TimeSpan(seconds: 120))
    let whole = engine.incident(of: 1)?.members ?? []
    #expect(whole.map(\.isOpen) == [true, true])
    // Once more changes nothing.
    let before = engine.transitions.count
    let again = engine.take(.report(caseNumber: 2, at: story.now + TimeSpan(seconds: 130))) == nil
    let after = engine.transitions.count
    #expect(again && after == before)
  }

  @Test func `says when staff must decide`() {
    var engine = engine()
    var story = Story()
    story.spam("anna@nordwind.example", count: 20)
    // The thief is still there, and changes the password.
    _ = story.submit("anna@nordwind.example")
    Lines().feed(story.lines, to: &engine)
    let isReported = engine.take(.report(caseNumber: 1, at: story.now)) == nil
    let before = engine.incident(of: 1)?.members ?? []
    #expect(isReported && before.map(\.needsStaff) == [false])
    engine.renew("anna@nordwind.example", at: story.now + TimeSpan(seconds: 30))
    let after = engine.incident(of: 1)?.members ?? []
    #expect(after.map(\.needsStaff) == [true])
  }

  @Test(arguments: [0, -1, 2, Int.max, Int.min]) func `knows no other case`(number: Int) {
    var engine = engine()
    var story = Story()
    story.spam("anna@nordwind.example", count: 20)
    Lines().feed(story.lines, to: &engine)
    let incident = engine.incident(of: number)
    let isReported = engine.take(.report(caseNumber: number, at: story.now)) == nil
    #expect(incident == nil && !isReported)
  }
}

@Suite struct `The counts of a day` {
  private let now = Instant(seconds: 1_800_000_000)

  @Test func `are by ten minutes, the last one now`() {
    var day = DayCounts()
    day.countRejection(at: now - TimeSpan(seconds: 86_400 - 600))
    day.countRejection(at: now - TimeSpan(seconds: 600))
    day.countRejection(at: now)
    day.countRejection(at: now)
    day.countSuspension(at: now)
    let slots = day.day(before: now)
    #expect(slots.count == 144)
    #expect(slots[0].rejections == 1 && slots[142].rejections == 1 && slots[143].rejections == 2)
    #expect(slots[143].suspensions == 1)
    #expect(slots.reduce(0) { $0 + $1.rejections } == 4)
  }

  @Test func `forget what is older, also over a gap`() {
    var day = DayCounts()
    day.countRejection(at: now)
    // Too old for the ring.
    day.countRejection(at: now - TimeSpan(seconds: 90_000))
    #expect(day.day(before: now).reduce(0) { $0 + $1.rejections } == 1)
    #expect(day.day(before: now + TimeSpan(seconds: 86_400)).allSatisfy { $0 == .init() })
    day.countRejection(at: now + TimeSpan(seconds: 200_000))
    #expect(day.day(before: now + TimeSpan(seconds: 200_000)).reduce(0) { $0 + $1.rejections } == 1)
  }

  @Test func `come from results and suspensions`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 20)
    let id = story.submit("berta@nordwind.example")
    story.result(id, "freund@gross.example")
    let engine = replayed(story.lines)
    let slots = engine.day.day(before: engine.now)
    #expect(slots.reduce(0) { $0 + $1.rejections } == 20)
    #expect(slots.reduce(0) { $0 + $1.suspensions } >= 1)
  }
}
