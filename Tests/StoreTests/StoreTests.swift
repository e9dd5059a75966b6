import Events
import Foundation
import Testing

@testable import Store

private func withStore(_ body: (LedgerStore, String) throws -> Void) throws {
  let folder = NSTemporaryDirectory() + "store-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(LedgerStore(folder + "/sperrwerk.db"), folder)
}

private let sqlite = "/usr/bin/sqlite3"

private func step(
  _ action: Transition.Action, _ step: Int, at second: Int64 = 1000, of number: Int? = 1
) -> Transition {
  var transition = Transition(
    time: Instant(seconds: second + Int64(step)), action: action, subject: "anna@nordwind.example",
    policy: "rejections", reason: "because", caseNumber: number)
  transition.step = step
  transition.evidence = [Transition.Evidence(text: "status=bounced", file: "mail.log", line: 7)]
  transition.readings = [Transition.Reading(name: "refused", value: "11")]
  return transition
}

@Suite struct `The ledger` {
  @Test func `gives back what it was given, after a restart too`() throws {
    try withStore { store, folder in
      let steps = [step(.hold, 1), step(.suspend, 2), step(.alert, 0, of: nil)]
      try store.append(steps, decidedTo: Instant(seconds: 5000))
      let again = try LedgerStore(folder + "/sperrwerk.db")
      #expect(try again.transitions() == steps)
      #expect(try again.decidedTo == Instant(seconds: 5000))
    }
  }

  @Test func `recognises a step that it has already, and orders nothing twice`() throws {
    try withStore { store, _ in
      let first = try store.append([step(.suspend, 1)], decidedTo: Instant(seconds: 1))
      let second = try store.append(
        [step(.suspend, 1), step(.restore, 2)], decidedTo: Instant(seconds: 2))
      #expect(first.map(\.kind) == [.suspend])
      #expect(second.map(\.kind) == [.open])
      #expect(try store.transitions().count == 2)
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: sqlite), "no \(sqlite)"))
  func `carries out no order whose kind a later version knows`() throws {
    try withStore { store, folder in
      let suspend = try store.append([step(.suspend, 1)], decidedTo: Instant(seconds: 1))
      let later = try Process.run(
        URL(fileURLWithPath: sqlite),
        arguments: [folder + "/sperrwerk.db", "UPDATE order_ SET kind = 'slow_down'"])
      later.waitUntilExit()
      #expect(later.terminationStatus == 0)
      #expect(try store.pendingOrders().isEmpty && store.standingOrders().isEmpty)
      #expect(try store.order(suspend[0].id) == nil)
    }
  }

  @Test func `keeps orders until they are done, and lets a later one take their place`() throws {
    try withStore { store, _ in
      let hold = try store.append([step(.hold, 1)], decidedTo: Instant(seconds: 1))
      func finish(_ order: Order, isDone: Bool) throws {
        let outcome = FinishedOrder(id: order.id, isDone: isDone, outcome: "seen")
        try store.append([], finished: [outcome], decidedTo: Instant(seconds: 1))
      }
      try finish(hold[0], isDone: false)
      #expect(try store.pendingOrders() == hold)
      let suspend = try store.append([step(.suspend, 2)], decidedTo: Instant(seconds: 2))
      #expect(try store.pendingOrders() == suspend)
      try finish(suspend[0], isDone: true)
      #expect(try store.pendingOrders().isEmpty)
      #expect(try store.standingOrders() == suspend)
      try store.append([step(.restore, 3)], decidedTo: Instant(seconds: 3))
      #expect(try store.standingOrders().isEmpty)
      // A late word about an order that another has replaced does not bring it back.
      try finish(hold[0], isDone: false)
      #expect(try store.pendingOrders().map(\.kind) == [.open])
    }
  }

  @Test func `lets go of cases that are over, and of nothing else`() throws {
    try withStore { store, _ in
      try store.append(
        [
          step(.suspend, 1), step(.restore, 2), step(.closed, 3), step(.suspend, 1, of: 2),
          step(.alert, 0, of: nil),
        ], decidedTo: Instant(seconds: 9))
      try store.expire(before: Instant(seconds: 900))
      #expect(try store.transitions().count == 5)
      try store.expire(before: Instant(seconds: 9000))
      #expect(try store.transitions().map(\.caseNumber) == [2])
      #expect(try store.forget("anna@nordwind.example") == 1)
    }
  }

  /// The last word of a false alarm is that the customer was told of it; of a mere watch there is only one.
  @Test func `lets go of cases whose end was told, and of those that were only watched`() throws {
    try withStore { store, _ in
      let told = [
        Transition.Action.suspend, .notify, .notified, .dismiss, .done, .notifyRestored, .notified,
      ].enumerated().map { step($0.element, $0.offset + 1) }
      try store.append(
        told + [
          step(.watch, 1, of: 2), step(.suspend, 1, of: 3), step(.notified, 2, of: 3),
          step(.watch, 1, of: 4), step(.alert, 2, of: 4), step(.queue, 3, of: 4),
        ],
        decidedTo: Instant(seconds: 9))
      try store.expire(before: Instant(seconds: 9000))
      #expect(Set(try store.transitions().map(\.caseNumber)) == [3])
    }
  }

  @Test func `names nobody who is forgotten, in others' steps and alerts neither`() throws {
    try withStore { store, _ in
      var linked = step(.incident, 1, of: 2)
      linked.subject = "dora@nordwind.example"
      linked.reason = "as case 1 (Anna@nordwind.example): one address; hanna@nordwind.example too"
      try store.append([step(.suspend, 1), linked], decidedTo: Instant(seconds: 9))
      try store.raise(
        Alert(
          time: Instant(seconds: 9), kind: "service",
          text: "2 entries were wrong (anna@nordwind.example). anna@nordwind.example.org stays"))
      #expect(
        try store.plan([
          .init(queueID: "A", subject: "anna@nordwind.example", arrival: .distantPast)
        ]) == 1)
      #expect(try store.forget("anna@nordwind.example") == 1)
      #expect(try store.releaseCount(of: "anna@nordwind.example") == 0)
      #expect(
        try store.transitions().map(\.reason)
          == ["as case 1 ((forgotten)): one address; hanna@nordwind.example too"])
      let alerts = try store.unsentAlerts(.webhook).alerts
      #expect(
        alerts.map(\.text) == [
          "2 entries were wrong ((forgotten)). anna@nordwind.example.org stays"
        ])
    }
  }

  @Test func `keeps what is to be let go, in order and over a restart, until it is gone`() throws {
    try withStore { store, folder in
      let releases = (0..<5).map {
        LedgerStore.Release(
          queueID: "ABC\($0)", subject: $0 == 4 ? "uid:5012" : "anna@nordwind.example",
          arrival: Instant(seconds: 50))
      }
      #expect(try store.plan(releases) == 5)
      #expect(try store.plan(releases) == 0)
      #expect(try store.releases(first: 2) == Array(releases.prefix(2)))
      try store.finish(Array(releases.prefix(2)), inMinuteFrom: Instant(seconds: 60), count: 2)
      let again = try LedgerStore(folder + "/sperrwerk.db")
      #expect(try again.releases(first: 9) == Array(releases.dropFirst(2)))
      #expect(try again.releaseMinute == (Instant(seconds: 60), 2))
      #expect(try again.releaseCount(of: "anna@nordwind.example") == 2)
      #expect(try again.cancelReleases(of: "anna@nordwind.example") == 2)
      #expect(try again.releases(first: 9).map(\.subject) == ["uid:5012"])
    }
  }

  @Test func `keeps what is to be deleted until its time, or until it is undone`() throws {
    try withStore { store, _ in
      let deletion = LedgerStore.Deletion(
        subject: "anna@nordwind.example", ids: ["ABC123", "ABC124"],
        planned: Instant(seconds: 90), due: Instant(seconds: 100),
        actor: "uid 0", reason: "spam")
      try store.plan(deletion)
      #expect(try store.deletions(due: Instant(seconds: 99)).isEmpty)
      #expect(try store.deletions(due: Instant(seconds: 100)) == [deletion])
      #expect(try store.cancelDeletion(of: "anna@nordwind.example"))
      #expect(try !store.cancelDeletion(of: "anna@nordwind.example"))
      #expect(try store.deletions().isEmpty)
    }
  }

  @Test func `is copied while it is in use`() throws {
    try withStore { store, folder in
      try store.append([step(.suspend, 1)], decidedTo: Instant(seconds: 1))
      try store.backup(to: folder + "/copy.db")
      #expect(try LedgerStore(folder + "/copy.db").transitions() == store.transitions())
    }
  }

  @Test func `says what is wrong with a file that is no database`() throws {
    let file = NSTemporaryDirectory() + "store-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    try String(repeating: "no database at all ", count: 100).write(
      toFile: file, atomically: true, encoding: .utf8)
    let error = #expect(throws: StoreError.self) { try LedgerStore(file) }
    #expect(error?.description.contains(file) == true)
    let nowhere = #expect(throws: StoreError.self) { try LedgerStore("/nosuch/x.db") }
    #expect(nowhere?.description.contains("see that its folder is writable") == true)
  }

  @Test func `keeps operators' entries for as long as they may hold, and numbers for ever`() throws
  {
    try withStore { store, _ in
      var allow = step(.allow, 0, of: nil)
      allow.due = Instant(seconds: 300 * 86_400)
      try store.append(
        [allow, step(.suspend, 1, of: 7), step(.dismiss, 2, of: 7)],
        decidedTo: Instant(seconds: 5000))
      try store.expire(before: Instant(seconds: 200 * 86_400))
      #expect(try store.transitions().map(\.action) == [.allow])
      #expect(try store.pendingOrders().isEmpty && store.standingOrders().isEmpty)
      try store.expire(before: Instant(seconds: 400 * 86_400))
      #expect(try store.transitions().isEmpty)
      #expect(try store.lastCase == 7)
    }
  }

  @Test func `writes no backup over a file that is there`() throws {
    try withStore { store, folder in
      try store.append([step(.suspend, 1)], decidedTo: Instant(seconds: 1))
      try store.backup(to: folder + "/copy.db")
      #expect(try LedgerStore(folder + "/copy.db").transitions().count == 1)
      let fault = #expect(throws: StoreError.self) { try store.backup(to: folder + "/copy.db") }
      #expect(fault?.description.contains("file exists; name a new file") == true)
      #expect(throws: StoreError.self) { try store.backup(to: "/nowhere/copy.db") }
    }
  }

  @Test func `is copied while the loop writes on`() throws {
    try withStore { store, folder in
      try store.append([step(.suspend, 1)], decidedTo: Instant(seconds: 1))
      let done = DispatchSemaphore(value: 0)
      // Whoever holds the loop's own connection keeps no copy waiting, and so the other way round.
      try store.writeWithoutTransaction { _ in
        Thread.detachNewThread {
          do { try store.backup(to: folder + "/copy.db") } catch { Issue.record("\(error)") }
          done.signal()
        }
        #expect(done.wait(timeout: .now() + 20) == .success)
      }
      #expect(try LedgerStore(folder + "/copy.db").transitions().count == 1)
    }
  }
}
