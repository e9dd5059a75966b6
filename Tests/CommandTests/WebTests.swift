import Events
import Foundation
import Testing
import Web

@testable import sperrwerk

@Suite(.serialized) struct `The pages of the running service` {
  @Test(arguments: [
    ("listen: somewhere", "web.listen: 'somewhere' is no address to listen on; write ADDRESS:PORT"),
    (
      "listen: 127.0.0.1:0\n  proxies: [here]",
      "web.proxies: 'here' is no address; write addresses or networks"
    ),
    ("listen: 127.0.0.1:0\n  zone: Mars", "web.zone: there is no time zone 'Mars'; write a name"),
    ("staff_users: /nowhere/users", "/nowhere/users: cannot be read; make it"),
    (
      "listen: 127.0.0.1:0\n  tls_certificate: /nowhere.pem",
      "/nowhere.pem: no certificate can be read; give web.tls_certificate"
    ),
  ])
  func `are not begun with a wrong setting`(text: String, says: String) throws {
    let service = try Guarded(dryRun: true, more: "web:\n  \(text)")
    let run = try service.command(["run"])
    #expect(run.status == 66 && run.errors.contains(says), "\(run.errors)")
    let doctor = try service.command(["doctor"])
    #expect(doctor.output.contains("FAULT"))
  }

  @Test func `neither keep the service from starting nor from ending when their port is taken`()
    throws
  {
    let taken = try Guarded(dryRun: true, more: "web:\n  listen: 127.0.0.1:18099")
    try taken.start()
    try taken.waitUntilReady()
    let other = try Guarded(dryRun: true, more: "web:\n  listen: 127.0.0.1:18099")
    try other.start()
    try other.waitUntilReady()
    _ = try other.command(["suspend", "anna@nordwind.example", "--reason", "asked"])
    #expect(try other.command(["cases"]).output.contains("anna@nordwind.example"))
    #expect(other.end() == 0)
    #expect(taken.end() == 0)
  }

  @Test func `wait for the loop no longer than a visitor would, and not in any number`()
    async throws
  {
    let desk = LoopDesk(mailbox: Mailbox(), limit: .milliseconds(50))
    await #expect(throws: WebError.self) {
      try await desk.ask(OperatorRequest(.status), actor: "staff anna")
    }
    let start = ContinuousClock.now
    let slow = LoopDesk(mailbox: Mailbox(), limit: .seconds(2))
    let quick = await withTaskGroup(of: Duration.self) { tasks in
      for _ in 0..<100 {
        tasks.addTask {
          do { _ = try await slow.ask(OperatorRequest(.status), actor: "form") } catch {
            #expect("\(error)".contains("does not answer in time"))
          }
          return .now - start
        }
      }
      return await tasks.reduce(into: 0) { $0 += $1 < .seconds(1) ? 1 : 0 }
    }
    #expect(quick == 36)
  }

  @Test func `take an answer when it comes`() async throws {
    let mailbox = Mailbox()
    async let reply = LoopDesk(mailbox: mailbox, limit: .seconds(30)).ask(
      OperatorRequest(.incident, number: 7), actor: "form")
    var inputs = mailbox.take()
    while inputs.isEmpty {
      await Task.yield()
      inputs = mailbox.take()
    }
    guard case .command(let request, let actor, let answer) = inputs[0] else {
      Issue.record("no command")
      return
    }
    #expect(request.number == 7 && actor == "form")
    answer(OperatorReply(isDone: true, text: "here"))
    // A second one, or the end of waiting, finds nobody.
    answer(OperatorReply(isDone: true, text: "again"))
    #expect(try await reply.text == "here")
  }
}
