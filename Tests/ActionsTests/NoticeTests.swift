import Actions
import Events
import Testing

private typealias Recipient = NoticePlan.Recipient

@Suite struct `Who is told` {
  private func facts(_ subject: String, _ contacts: [(String, Bool)], isSite: Bool = false)
    -> NoticeFacts
  {
    NoticeFacts(
      kind: .suspended, caseNumber: 1, subject: subject, isSite: isSite, policy: "rejections",
      reason: "because", suspendedAt: Instant(seconds: 1000), networks: [], mailboxes: [subject],
      isRelapse: false, language: nil,
      contacts: contacts.map { .init(address: $0.0, language: nil, isInside: $0.1) })
  }

  private func told(_ plan: NoticePlan) -> [String] {
    plan.recipients.map { "\($0.address)\($0.hasLink ? " link" : "")" }
  }

  private let dora = "dora@suedlicht.example"

  @Test func `the mailbox gets no link; the nearest contact outside gets it`() {
    let plan = NoticePlan(
      facts(
        dora,
        [
          ("info@suedlicht.example", true), ("chef@ausserhalb.example", false),
          ("r@x.example", false),
        ]),
      tried: [])
    #expect(told(plan) == [dora, "chef@ausserhalb.example link"])
    #expect(!plan.needsOperator)
  }

  @Test func `a contact that is the mailbox itself gets no link`() {
    let plan = NoticePlan(facts(dora, [(dora, true)]), tried: [])
    #expect(told(plan) == [dora] && plan.needsOperator)
  }

  @Test
  func `without a contact outside the operator is told, and one inside hears of it without a link`()
  {
    let plan = NoticePlan(facts(dora, [("info@suedlicht.example", true)]), tried: [])
    #expect(told(plan) == [dora, "info@suedlicht.example"] && plan.needsOperator)
    #expect(NoticePlan(facts("uid:5012", [], isSite: true), tried: []).recipients.isEmpty)
  }

  @Test func `after a bounce the next contact is told, and after the last the operator`() {
    let contacts = [("a@x.example", false), ("b@x.example", false)]
    func plan(_ tried: [(String, Bool, Bool)]) -> NoticePlan {
      NoticePlan(
        facts(dora, contacts),
        tried: tried.map { .init(recipient: $0.0, hasLink: $0.1, isUnread: $0.2) })
    }
    #expect(
      told(plan([(dora, false, false), ("a@x.example", true, true)])) == ["b@x.example link"])
    #expect(plan([(dora, false, false), ("a@x.example", true, false)]).recipients.isEmpty)
    let over = plan([
      (dora, false, false), ("a@x.example", true, true), ("b@x.example", true, true),
    ])
    #expect(over.recipients.isEmpty && over.needsOperator)
  }

  @Test func `a contact that refused the last mail is asked after the others, and before nobody`() {
    func plan(_ tried: [NoticePlan.Tried], refusing: Set<String>) -> NoticePlan {
      NoticePlan(
        facts(dora, [("a@x.example", false), ("b@x.example", false)]), tried: tried,
        refusing: refusing)
    }
    #expect(told(plan([], refusing: ["a@x.example"])) == [dora, "b@x.example link"])
    let both: Set = ["a@x.example", "b@x.example"]
    #expect(told(plan([], refusing: both)) == [dora, "a@x.example link"])
    let refused = NoticePlan.Tried(recipient: "b@x.example", hasLink: true, isUnread: true)
    #expect(told(plan([refused], refusing: both)) == [dora, "a@x.example link"])
  }

  @Test(arguments: [
    "-oQ/tmp@x.example", "a@x.example\nBcc: all@y.example", "a b@x.example", "root", "",
  ])
  func `a contact that is no address is passed over and named`(address: String) {
    let plan = NoticePlan(facts(dora, [(address, false), ("b@x.example", false)]), tried: [])
    #expect(told(plan) == [dora, "b@x.example link"])
    #expect(plan.invalid == [address])
  }

  @Test func `a login that is no address is told by its contact alone`() {
    let plan = NoticePlan(facts("-dora", [("b@x.example", false)]), tried: [])
    #expect(told(plan) == ["b@x.example link"])
  }
}

@Suite struct `Notices that come at once` {
  private let now = Instant(seconds: 10_000)
  private let every = TimeSpan(seconds: 600)

  private func waiting(
    _ id: Int64, _ recipient: String = "r@x.example", hasLink: Bool = true,
    kind: NoticeFacts.Kind = .suspended, age: Int64 = 5
  ) -> NoticeBatch.Waiting {
    NoticeBatch.Waiting(
      id: id, recipient: recipient, kind: kind, hasLink: hasLink,
      since: now - TimeSpan(seconds: age))
  }

  private func due(_ all: [NoticeBatch.Waiting], last: Int64? = nil) -> [[Int64]] {
    NoticeBatch.due(all, every: every, at: now) { _, _ in
      last.map { now - TimeSpan(seconds: $0) }
    }
  }

  @Test func `go to one recipient in one mail, but none with a link beside one without`() {
    #expect(
      due([
        waiting(1), waiting(2, "other@x.example"), waiting(3), waiting(4, hasLink: false),
        waiting(5, kind: .restored), waiting(6),
      ]) == [[1, 3, 6], [2], [4], [5]])
  }

  @Test func `wait for each other a moment, and for the recipient's time`() {
    #expect(due([waiting(1, age: 0)]).isEmpty)
    #expect(due([waiting(1), waiting(2, age: 0)]) == [[1, 2]])
    #expect(due([waiting(1)], last: 599).isEmpty)
    #expect(due([waiting(1)], last: 600) == [[1]])
  }

  @Test func `are not kept back by a clock that was set back`() {
    #expect(due([waiting(1, age: -9000)], last: -9000) == [[1]])
  }

  @Test func `are at most a hundred in one mail`() {
    let groups = due((1...250).map { waiting($0) })
    #expect(groups.map(\.count) == [100, 100, 50])
  }
}
