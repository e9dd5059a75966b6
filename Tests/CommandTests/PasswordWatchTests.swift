import Actions
import Events
import Foundation
import Testing

@testable import sperrwerk

private struct Source: PasswordSource {
  let name = "passwords.query"
  let answer: @Sendable (AwaitedAccount) throws(ActionError) -> Instant?

  func lastChange(of awaited: AwaitedAccount, at now: Instant) async throws(ActionError)
    -> Instant?
  { try answer(awaited) }
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
      let look = Task { await watch.look(PasswordWatch.Faults()) }
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
      let look = Task { await watch.look(PasswordWatch.Faults()) }
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
}
