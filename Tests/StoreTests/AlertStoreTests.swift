import Events
import Foundation
import Store
import Testing

@Suite struct `The ledger's alerts` {
  private let folder = NSTemporaryDirectory() + "store-" + UUID().uuidString

  private func withStore(_ body: (LedgerStore) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(LedgerStore(folder + "/sperrwerk.db"))
  }

  private func alert(_ text: String, at second: Int64 = 5000) -> Alert {
    Alert(time: Instant(seconds: second), kind: "service", subject: nil, text: text)
  }

  @Test(arguments: [
    (Transition.Action.alert, true), (.braked, true), (.failed, true), (.unverified, true),
    (.suspend, true), (.done, false), (.restore, false), (.closed, false),
  ])
  func `come of the steps that an operator must hear of`(action: Transition.Action, isOne: Bool)
    throws
  {
    try withStore { store in
      var step = Transition(
        time: Instant(seconds: 1), action: action, subject: "anna@nordwind.example", policy: nil,
        reason: "because", caseNumber: 1)
      step.step = 1
      // The same step twice, as after a crash: it is one alert.
      for _ in 0..<2 { try store.append([step], decidedTo: Instant(seconds: 1)) }
      let found = try store.unsentAlerts(.webhook).alerts
      #expect(found.map(\.text) == (isOne ? ["because"] : []))
      #expect(
        found.allSatisfy { $0.kind == action.rawValue && $0.caseNumber == 1 && $0.count == 1 })
    }
  }

  @Test func `tell operators nothing of what one of them has ordered`() throws {
    try withStore { store in
      var step = Transition(
        time: Instant(seconds: 1), action: .suspend, subject: "anna@nordwind.example", policy: nil,
        reason: "because", caseNumber: 1)
      (step.step, step.actor) = (1, "uid 0")
      try store.append([step], decidedTo: Instant(seconds: 1))
      #expect(try store.unsentAlerts(.webhook).alerts.isEmpty)
    }
  }

  @Test func `are sent once by each channel, also after a restart`() throws {
    try withStore { store in
      try store.raise(alert("one"))
      try store.raise(alert("two"))
      let first = try store.unsentAlerts(.webhook).alerts
      #expect(first.map(\.text) == ["one", "two"])
      try store.sent([first[0].id], by: .webhook)
      let again = try LedgerStore(store.path)
      #expect(try again.unsentAlerts(.webhook).alerts.map(\.text) == ["two"])
      #expect(try again.unsentAlerts(.mail).alerts.map(\.text) == ["one", "two"])
      try again.skipAlerts(.mail)
      #expect(try again.unsentAlerts(.mail).alerts.isEmpty)
    }
  }

  @Test func `are counted, not repeated, within an hour`() throws {
    try withStore { store in
      #expect(try store.raise(alert("the disk is full")))
      #expect(try !store.raise(alert("the disk is full", at: 5100)))
      #expect(try store.raise(alert("another", at: 5100)))
      #expect(try store.raise(alert("the disk is full", at: 8601)))
      let found = try store.unsentAlerts(.mail).alerts
      #expect(found.map(\.count) == [2, 1, 1])
    }
  }

  @Test func `of a future that a clock has taken back silence nothing`() throws {
    try withStore { store in
      let raised = try [9000, 8990, 5400].map {
        try store.raise(alert("the disk is full", at: $0))
      }
      #expect(raised == [true, false, true])
    }
  }

  @Test func `wait in bounded number, and what is dropped is counted once`() throws {
    try withStore { store in
      for number in 0..<LedgerStore.mostUnsent + 3 { try store.raise(alert("alert \(number)")) }
      let found = try store.unsentAlerts(.webhook)
      #expect(found.dropped == 3 && found.alerts.count == LedgerStore.mostUnsent)
      #expect(found.alerts.first?.text == "alert 3")
      #expect(try store.unsentAlerts(.webhook).dropped == 0)
    }
  }

  @Test func `are forgotten when their time is over`() throws {
    try withStore { store in
      try store.raise(alert("old", at: 10))
      try store.raise(alert("new", at: 20))
      try store.skipAlerts(.webhook)
      // Before it is sent its time is not over.
      for left in [["old", "new"], ["new"]] {
        try store.expireAlerts(before: Instant(seconds: 15))
        let unsent = try store.unsentAlerts(.mail).alerts
        #expect(unsent.map(\.text) == left)
        try store.sent(unsent.prefix(1).map(\.id), by: .mail)
      }
      #expect(try store.unsentAlerts(.mail).alerts.isEmpty)
      #expect(try store.raise(alert("old", at: 11)))
    }
  }
}
