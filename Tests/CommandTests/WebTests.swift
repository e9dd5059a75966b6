import Events
import Foundation
import Testing
import Web

@testable import sperrwerk

@Suite(.serialized) struct `The pages of the running service` {
  @Test(arguments: [
    ("listen: somewhere", "web.listen: 'somewhere' is no address to listen on; write ADDRESS:PORT"),
    (
      "listen: 127.0.0.1:0\n  socket_group: nosuch",
      "web.socket_group: there is no group 'nosuch'; name the proxy's group"
    ),
    ("listen: 127.0.0.1:0\n  zone: Mars", "web.zone: there is no time zone 'Mars'; write a name"),
    (
      "listen: 127.0.0.1:0\n  tls_certificate: /nowhere.pem",
      "web.tls_key: web.tls_certificate has no key; name the file"
    ),
  ])
  func `are not begun with a wrong setting`(text: String, says: String) throws {
    let service = try Guarded(dryRun: true, more: "web:\n  \(text)")
    let run = try service.command(["run"])
    #expect(run.status == 65 && run.errors.contains(says), "\(run.errors)")
    let doctor = try service.command(["doctor"])
    #expect(doctor.output.contains("FAULT"))
  }

  @Test(arguments: [
    ("staff_users: /nowhere/users", "ALERT: /nowhere/users: cannot be read; make it"),
    (
      "listen: 127.0.0.1:0\n  tls_certificate: /nowhere.pem\n  tls_key: /nowhere.key",
      "ALERT: the pages at 127.0.0.1:0 cannot be served: /nowhere.pem: no certificate can be read"
    ),
    (
      "listen: 127.0.0.1:0", "ALERT: the pages are not served: @/state/form.key: is no key of 32"
    ),
  ])
  func `keep nobody from guarding where one of their files is not well`(text: String, says: String)
    throws
  {
    let service = try Guarded(dryRun: true, more: "web:\n  \(text)")
    if says.contains("form.key") {
      try Data().write(to: URL(fileURLWithPath: service.folder + "/state/form.key"))
    }
    try service.start()
    try service.waitUntilReady()
    try service.wait("no alert") {
      try service.said(says.replacing("@", with: service.folder))
    }
    _ = try service.command(["suspend", "anna@nordwind.example", "--reason", "asked"])
    #expect(try service.command(["cases"]).output.contains("anna@nordwind.example"))
    #expect(service.end() == 0)
    let doctor = try service.command(["doctor", "--format", "json"]).output
    #expect(
      doctor.contains(
        says.contains("form.key") ? "form.key: is no key of 32 bytes" : "\"what\":\"/nowhere"))
  }

  @Test func `and the notices keep nobody from guarding where the key of the links is not well`()
    throws
  {
    let service = try Guarded(dryRun: false)
    try Data().write(to: URL(fileURLWithPath: service.folder + "/state/form.key"))
    try service.start(environment: ["SPERRWERK_POSTFIX_POSTMAP": "/bin/true"])
    try service.waitUntilReady()
    #expect(try service.said("ALERT: customers are not told of suspensions until this is mended"))
    #expect(service.end() == 0)
  }

  @Test func `are beside no operators' socket, and doctor says who may open theirs`() throws {
    let service = try Guarded(dryRun: true, more: "web:\n  socket_group: root")
    func findings(_ place: String) throws -> String {
      let text = try String(contentsOfFile: service.settings, encoding: .utf8)
      let file = service.folder + "/s.yaml"
      try "\(text)\n  listen: \(place)\n".write(toFile: file, atomically: true, encoding: .utf8)
      return try sperrwerk(["doctor", "--settings", file, "--format", "json"]).output
        .replacing(service.folder, with: "@")
    }
    #expect(
      try findings("\(service.folder)/form").contains(
        "\"state\":\"fault\",\"what\":\"@/form is not beside the operators' socket\""))
    #expect(
      try findings("/nowhere/form").contains(
        "\"state\":\"fault\",\"what\":\"group root may enter /nowhere\""))
    #expect(
      try findings("/tmp/form").contains(
        "\"state\":\"well\",\"what\":\"group root may enter /tmp\""))
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
    let mailbox = Mailbox()
    let full = LoopDesk(mailbox: mailbox, limit: .seconds(30))
    await withTaskGroup(of: Bool.self) { tasks in
      for _ in 0..<100 {
        tasks.addTask { (try? await full.ask(OperatorRequest(.status), actor: "form")) != nil }
      }
      // Those that are too many hear it at once: nobody has answered the others yet.
      for _ in 0..<36 { #expect(await tasks.next() == false) }
      var answered = 0
      while answered < 64 {
        for case .command(_, _, let answer) in mailbox.take() {
          answer(OperatorReply(isDone: true, text: ""))
          answered += 1
        }
        await Task.yield()
      }
      for await isDone in tasks { #expect(isDone) }
    }
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
