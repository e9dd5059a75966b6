import Events
import Foundation
import Store
import Testing

@Suite struct `The ledger's notices` {
  private let folder = NSTemporaryDirectory() + "store-" + UUID().uuidString
  private let now = Instant(seconds: 2000)

  private func withStore(_ body: (LedgerStore, Order) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try LedgerStore(folder + "/sperrwerk.db")
    var steps: [Transition] = []
    for (number, action) in [Transition.Action.suspend, .notify].enumerated() {
      var step = Transition(
        time: Instant(seconds: 1000), action: action, subject: "dora@suedlicht.example",
        policy: nil, reason: "because", caseNumber: 1)
      step.step = number + 1
      steps.append(step)
    }
    let orders = try store.append(steps, decidedTo: Instant(seconds: 1000))
    #expect(orders.map(\.kind) == [.suspend, .notify])
    try body(store, orders[1])
  }

  private func notice(_ order: Order, _ recipient: String, hasLink: Bool = false)
    -> LedgerStore.Notice
  {
    LedgerStore.Notice(
      orderID: order.id, recipient: recipient, hasLink: hasLink,
      facts: NoticeFacts(
        kind: .suspended, caseNumber: 1, subject: "dora@suedlicht.example", isSite: false,
        policy: "rejections", reason: "because", suspendedAt: Instant(seconds: 1000),
        networks: ["192.0.2.0/24"], mailboxes: ["dora@suedlicht.example"], isRelapse: false,
        language: "de", contacts: [.init(address: "a@b.example", language: nil, isInside: false)]),
      at: now)
  }

  @Test func `come back as they were planned, and are planned once`() throws {
    try withStore { store, order in
      let one = notice(order, "dora@suedlicht.example")
      let two = notice(order, "a@b.example", hasLink: true)
      for _ in 0..<2 { try store.plan([one, two]) }
      let found = try LedgerStore(store.path).openNotices()
      #expect(found.map(\.recipient) == ["dora@suedlicht.example", "a@b.example"])
      #expect(found.map(\.facts) == [one.facts, two.facts])
      #expect(found.map(\.hasLink) == [false, true])
      #expect(try store.notices(of: order.id) == found)
      #expect(try store.order(order.id) == order)
    }
  }

  @Test func `are sent when the program says so, or the log, whichever comes first`() throws {
    try withStore { store, order in
      try store.plan([notice(order, "a@b.example"), notice(order, "c@d.example")])
      let rows = try store.openNotices()
      for (row, name) in zip(rows, ["one@h", "two@h"]) {
        try store.begin([row.id], messageID: name, at: now)
      }
      #expect(try store.openNotices().map(\.state) == [.sending, .sending])
      try store.handedOver("one@h", at: now)
      #expect(try store.seen("two@h", as: "4ABC", at: now))
      #expect(try store.openNotices().isEmpty)
      // A later message that copies the name takes nothing over.
      #expect(try !store.seen("two@h", as: "4EVIL", at: now))
      #expect(try store.seen("one@h", as: "4DEF", at: now))
      #expect(try store.noticesUnderWay().map(\.queueID) == ["4DEF", "4ABC"])
      #expect(try !store.seen("other@h", as: "4X", at: now))
      // Behind a content filter it has another id, by which a restart knows it.
      try store.passedOn("one@h", as: "4FFF")
      #expect(try store.noticesUnderWay().map(\.queueID) == ["4FFF", "4ABC"])
    }
  }

  @Test func `end once, delivered or bounced`() throws {
    try withStore { store, order in
      try store.plan([notice(order, "a@b.example", hasLink: true)])
      try store.begin([store.openNotices()[0].id], messageID: "one@h", at: now)
      try store.handedOver("one@h", at: now)
      try store.append(
        [], finished: [FinishedOrder(id: order.id, isDone: true, outcome: "told")], decidedTo: now)
      #expect(try store.pendingOrders().map(\.kind) == [.suspend])
      #expect(try store.settle("one@h", .bounced, at: now).map(\.recipient) == ["a@b.example"])
      #expect(try store.noticesToGoOn == [order.id])
      // In the same step, so that a crash right then leaves the next contact to be told.
      #expect(try store.pendingOrders().map(\.kind) == [.suspend, .notify])
      #expect(try store.settle("one@h", .delivered, at: now).isEmpty)
      #expect(try store.notices(of: order.id).map(\.state) == [.bounced])
      #expect(try store.lastSent("a@b.example", .suspended) == now)
      #expect(try store.lastSent("a@b.example", .restored) == nil)
      #expect(try store.lastSent("x@y.example", .suspended) == nil)
    }
  }

  @Test func `go to the next contact when the log names them and no delivery for long`() throws {
    try withStore { store, order in
      let names = ["a@b.example", "c@d.example", "dora@suedlicht.example"]
      try store.plan(names.map { notice(order, $0, hasLink: $0 != names[2]) })
      for (row, name) in zip(try store.openNotices(), ["one@h", "two@h", "three@h"]) {
        try store.begin([row.id], messageID: name, at: now)
        try store.handedOver(name, at: now)
      }
      // Of the second nothing is known: perhaps its log is not read.
      for name in ["one@h", "three@h"] { _ = try store.seen(name, as: "4" + name, at: now) }
      #expect(try store.giveNext(before: now - TimeSpan(seconds: 1), at: now).isEmpty)
      #expect(try store.giveNext(before: now, at: now).map(\.recipient) == ["a@b.example"])
      #expect(try store.giveNext(before: now, at: now).isEmpty)
      #expect(try store.notices(of: order.id).map(\.state) == [.late, .sent, .sent])
      // Its bounce after days says nothing new.
      #expect(try store.settle("one@h", .bounced, at: now).isEmpty)
    }
  }

  @Test func `remember who refused the last one`() throws {
    try withStore { store, order in
      let known = ["a@b.example", "c@d.example", "x@y.example"]
      try store.plan(known.dropLast().map { notice(order, $0, hasLink: true) })
      let waiting = try store.openNotices()
      // Given up before it was sent is no refusal.
      try store.giveUp(waiting[1].id, at: now)
      try store.begin([waiting[0].id], messageID: "one@h", at: now)
      #expect(try store.refusing(known).isEmpty)
      _ = try store.settle("one@h", .bounced, at: now)
      #expect(try store.refusing(known) == ["a@b.example"])
      #expect(try store.refusing([]).isEmpty)
    }
  }

  @Test func `take no suspension's place, nor does a suspension take theirs`() throws {
    try withStore { store, _ in
      #expect(try store.pendingOrders().map(\.kind) == [.suspend, .notify])
      #expect(try store.standingOrders().map(\.kind) == [.suspend])
      var step = Transition(
        time: Instant(seconds: 1001), action: .restore, subject: "dora@suedlicht.example",
        policy: nil, reason: "renewed", caseNumber: 1)
      step.step = 3
      try store.append([step], decidedTo: now)
      #expect(try store.pendingOrders().map(\.kind) == [.notify, .open])
      #expect(try store.standingOrders().isEmpty)
    }
  }
}
