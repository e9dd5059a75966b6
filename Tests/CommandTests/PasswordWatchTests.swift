import Actions
import Events
import Foundation
import Synchronization
import Testing

@testable import sperrwerk

private struct Source: PasswordSource {
  let name = "passwords.query"
  let answer: @Sendable (AwaitedAccount) throws(ActionError) -> Instant?

  func lastChange(of awaited: AwaitedAccount, at now: Instant) async throws(ActionError)
    -> Instant?
  { try answer(awaited) }
}

/// What was raised and what was only said.
private final class Heard: Sendable {
  let alerts = Mutex<[String]>([])
  let lines = Mutex<[String]>([])

  var faults: SourceFaults {
    SourceFaults(
      raise: { text in self.alerts.withLock { $0.append(text) } },
      say: { text in self.lines.withLock { $0.append(text) } })
  }
}

@Suite struct `The watch for new passwords` {
  private let anna = AwaitedAccount(
    account: "anna@nordwind.example", caseNumber: 1, suspendedAt: Instant(seconds: 1000))

  private func withBook(_ body: (String, PasswordBook) async throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "book-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let book = PasswordBook(path: path)
    try await book.told(Instant(seconds: 2000), "passwords.query", anna)
    try await body(path, book)
  }

  @Test func `forgets nothing where the service ends before the loop has answered`() async throws {
    try await withBook { path, book in
      let watch = PasswordWatch(
        sources: [], book: book, rounds: Rounds(every: TimeSpan(seconds: 60)), mailbox: Mailbox())
      let before = try String(contentsOfFile: path, encoding: .utf8)
      let look = Task { await watch.look(Heard().faults) }
      look.cancel()
      await look.value
      #expect(before.contains("anna@nordwind.example"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    }
  }

  @Test func `tells a change again that the loop has not taken before the end`() async throws {
    try await withBook { path, book in
      let mailbox = Mailbox()
      let source = Source(answer: { _ in Instant(seconds: 3000) })
      let watch = PasswordWatch(
        sources: [source], book: book, rounds: Rounds(every: TimeSpan(seconds: 60)),
        mailbox: mailbox)
      let look = Task { await watch.look(Heard().faults) }
      var isHanded = false
      while !isHanded {
        for input in mailbox.take() {
          switch input {
          case .awaited(let reply): reply([anna])
          case .passwordChange: isHanded = true
          default: break
          }
        }
        await Task.yield()
      }
      look.cancel()
      await look.value
      #expect(await book.isNew(Instant(seconds: 3000), source.name, anna))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `tells the operator that a new key knows no old password`() async throws {
    let folder = NSTemporaryDirectory() + "watch-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let (key, users) = (folder + "/key", folder + "/users")
    try "\(anna.account):{PLAIN}x\n".write(toFile: users, atomically: true, encoding: .utf8)
    let book = PasswordBook(path: folder + "/book")
    let mailbox = Mailbox()
    let watch = PasswordWatch(
      sources: [try PasswordFingerprint(.file(users), key: key, book: book)], book: book,
      rounds: Rounds(every: TimeSpan(seconds: 60)), mailbox: mailbox)
    let heard = Heard()
    let faults = heard.faults
    let look = Task {
      await watch.look(faults)
      try FileManager.default.removeItem(atPath: key)
      await watch.look(faults)
    }
    while heard.alerts.withLock(\.isEmpty) {
      for input in mailbox.take() {
        guard case .awaited(let reply) = input else {
          look.cancel()
          Issue.record("a change is told: \(input)")
          return
        }
        reply([anna])
      }
      await Task.yield()
    }
    try await look.value
    #expect(
      heard.alerts.withLock { $0 } == [
        "passwords.passwd_file fails: who has a new password may stay suspended; the log says why"
      ])
    #expect(heard.lines.withLock { $0 }.first?.contains("restored by staff") == true)
  }
}

@Suite struct `A source that fails` {
  private func fault(_ number: Int) -> ActionError {
    ActionError(place: "database", problem: "session \(number) was ended", remedy: "see it")
  }

  @Test func `is told of when it begins, once an hour, and again after it has worked`() {
    let heard = Heard()
    let faults = heard.faults
    var alerts: [Int] = []
    for minute in 0..<130 {
      let before = heard.alerts.withLock(\.count)
      if minute == 100 { faults.worked("passwords.query") }
      faults.failed(
        "passwords.query", "nobody is restored", "\(fault(minute))",
        at: Instant(seconds: Int64(minute) * 60))
      if heard.alerts.withLock(\.count) > before { alerts.append(minute) }
    }
    #expect(alerts == [0, 60, 100])
    // Always the same words, so that the channels count them; the log has the rest.
    #expect(
      Set(heard.alerts.withLock { $0 })
        == ["passwords.query fails: nobody is restored; the log says why"])
    let lines = heard.lines.withLock { $0 }
    #expect(lines.contains("passwords.query: database: session 7 was ended; see it"))
    #expect(lines.filter { $0 == "passwords.query works again" }.count == 1)
  }

  @Test func `says nothing of another, and nothing where it always worked`() {
    let heard = Heard()
    let faults = heard.faults
    faults.worked("a")
    faults.failed("a", "x", "\(fault(1))", at: Instant(seconds: 0))
    faults.failed("b", "y", "\(fault(1))", at: Instant(seconds: 0))
    faults.worked("b")
    faults.failed("a", "x", "\(fault(1))", at: Instant(seconds: 60))
    #expect(heard.alerts.withLock(\.count) == 2)
    #expect(heard.lines.withLock(\.count) == 3)
  }
}
