import Actions
import Crypto
import Events
import Foundation
import Testing

@Suite struct `The webhook` {
  private let now = Instant(seconds: 1_795_000_000)
  private let report: AlertReport

  init() {
    var alert = Alert(
      id: 7, time: Instant(seconds: 1_794_999_990), kind: "braked",
      subject: "dora@suedlicht.example",
      caseNumber: 3, text: "too many \"suspensions\"")
    alert.count = 2
    report = AlertReport(alerts: [alert], dropped: 0, host: "mx1", isDryRun: true)
  }

  @Test func `posts JSON that the receiver can prove to be ours`() async throws {
    let receiver = try await Receiver.start([])
    let webhook = Webhook(url: receiver.url, secret: "geheim")
    try await webhook.send(report, at: now)
    await webhook.close()
    await receiver.stop()
    let request = try #require(receiver.requests.first)
    #expect(request.method == "POST" && request.path == "/alerts?for=us")
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["x-sperrwerk-time"] == "1795000000")
    #expect(
      request.body
        == #"{"host":"mx1","dry_run":true,"dropped":0,"alerts":[{"id":7,"time":"2026-11-18T11:06:30.000Z","kind":"braked","subject":"dora@suedlicht.example","case":3,"text":"too many \"suspensions\"","count":2}]}"#
    )
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("1795000000.\(request.body)".utf8), using: SymmetricKey(data: Data("geheim".utf8)))
    let hex = code.map { String(format: "%02x", $0) }.joined()
    #expect(request.headers["x-sperrwerk-signature"] == "sha256=\(hex)")
  }

  @Test(arguments: [
    (Receiver.Plan.answer(500), "alerts.webhook: answered 500"),
    (.answer(404), "alerts.webhook: answered 404"),
    (.answer(302), "alerts.webhook: answered 302"), (.hang, "alerts.webhook: cannot be reached"),
    (.hangUp, "alerts.webhook: cannot be reached"),
  ])
  func `says what went wrong, and succeeds when the server is there again`(
    plan: Receiver.Plan, says: String
  ) async throws {
    let receiver = try await Receiver.start([plan])
    // Only the one that hangs takes it all.
    let webhook = Webhook(url: receiver.url, secret: "geheim", limit: 4000)
    let error = await #expect(throws: ActionError.self) { try await webhook.send(report, at: now) }
    #expect(error?.description.hasPrefix(says) == true, "\(String(describing: error))")
    #expect(error?.remedy.hasSuffix("it is tried again") == true)
    try await webhook.send(report, at: now)
    await webhook.close()
    await receiver.stop()
    #expect(receiver.requests.count >= 2)
    #expect(receiver.requests.allSatisfy { $0.path == "/alerts?for=us" })
  }

  @Test func `says that nobody listens, and never where`() async throws {
    let webhook = Webhook(url: "http://127.0.0.1:1/secret-path", secret: "x", limit: 400)
    let error = await #expect(throws: ActionError.self) { try await webhook.send(report, at: now) }
    await webhook.close()
    #expect(error?.description.contains("secret-path") == false)
  }
}

@Suite struct `An alert's pace` {
  @Test
  func `grows slower while a channel fails, up to five minutes, and starts anew when it works`() {
    var pace = AlertPace(least: TimeSpan(seconds: 60))
    var now = Instant(seconds: 1000)
    var pauses: [Int64] = []
    for attempt in 0..<12 {
      #expect(pace.failed(at: now) == (attempt == 0))
      pauses.append((pace.next - now).seconds)
      now = pace.next
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
    pace.worked(at: now)
    #expect(pace.next == now + TimeSpan(seconds: 60))
    #expect(pace.failed(at: now) && pace.next == now + TimeSpan(seconds: 1))
  }
}

@Suite struct `A report of alerts` {
  private func alert(_ text: String, count: Int = 1) -> Alert {
    var alert = Alert(time: Instant(seconds: 1_795_000_000), kind: "service", text: text)
    alert.count = count
    return alert
  }

  @Test func `names the one thing in its subject, or how many`() {
    let one = AlertReport(
      alerts: [alert("the disk is full\nsecond line")], dropped: 0, host: "mx1", isDryRun: false)
    #expect(one.subject == "Sperrwerk on mx1: the disk is full")
    let two = AlertReport(
      alerts: [alert("a", count: 3), alert("b")], dropped: 4, host: "mx1", isDryRun: true)
    #expect(two.subject == "Sperrwerk on mx1: 2 alerts")
    #expect(
      two.text == """
        2026-11-18T11:06:40Z service
        a
        said 3 times within the hour

        2026-11-18T11:06:40Z service
        b

        4 more were too many to send; 'sperrwerk cases' and the log have them.

        This is a dry run: nothing was touched.

        """)
  }
}

@Suite struct `An alert by mail` {
  @Test func `needs no room on the disk`() async throws {
    try await withFolder { folder in
      let program = try fake(
        "sendmail", in: folder, "cat > \(folder)/mail; echo $* > \(folder)/how")
      let mail = OperatorMail(
        // No folder can be made there, whoever runs this.
        sendmail: Sendmail(path: program, folder: "/dev/full/mail"),
        from: try #require(MailAddress("postmaster@hoster.example")),
        to: try #require(MailAddress("ops@hoster.example")))
      let alert = Alert(id: 1, time: Instant(seconds: 0), kind: "service", text: "the disk is full")
      try await mail.send(
        AlertReport(alerts: [alert], dropped: 0, host: "mx1", isDryRun: false),
        at: Instant(seconds: 1_795_000_000))
      let sent = try String(contentsOfFile: folder + "/mail", encoding: .utf8)
      #expect(sent.contains("Subject: Sperrwerk on mx1: the disk is full"))
      #expect(
        try String(contentsOfFile: folder + "/how", encoding: .utf8)
          == "-i -f <> -- ops@hoster.example\n")
    }
  }
}

@Suite struct `The sendmail program` {
  private let folder = NSTemporaryDirectory() + "mail-" + UUID().uuidString

  /// A program in the place of sendmail.
  private func program(_ text: String, limit: Duration = .seconds(60)) throws -> Sendmail {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/sendmail"
    try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    var sendmail = Sendmail(path: path, folder: folder + "/spool")
    sendmail.limit = limit
    return sendmail
  }

  @Test func `is given the whole message, the null sender and one recipient`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sendmail = try program("echo \"$@\" > \(folder)/arguments; cat > \(folder)/message")
    let text = String(repeating: "Zeile\n", count: 50_000)
    try await sendmail.send(text, named: "one", to: #require(MailAddress("dora@suedlicht.example")))
    #expect(
      try String(contentsOfFile: folder + "/arguments", encoding: .utf8)
        == "-i -f <> -- dora@suedlicht.example\n")
    #expect(try String(contentsOfFile: folder + "/message", encoding: .utf8) == text)
    #expect(!FileManager.default.fileExists(atPath: folder + "/spool/one.eml"))
    #expect(!sendmail.isBeingSent("one"))
  }

  @Test(arguments: [
    ("echo 'no such user' >&2; exit 67", "ended with 67: no such user"),
    ("exec sleep 60", "did not end within"),
  ])
  func `says how it failed`(script: String, says: String) async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sendmail = try program(
      script, limit: says.hasPrefix("did not") ? .milliseconds(500) : .seconds(60))
    let to = try #require(MailAddress("dora@suedlicht.example"))
    let error = await #expect(throws: ActionError.self) {
      try await sendmail.send("x", named: "one", to: to)
    }
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
  }

  @Test func `is known to be at work by somebody who did not start it`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sendmail = try program(
      "touch \(folder)/begun; while [ ! -e \(folder)/go ]; do sleep 0.02; done")
    let to = try #require(MailAddress("dora@suedlicht.example"))
    let work = Task { try await sendmail.send("x", named: "one", to: to) }
    while !FileManager.default.fileExists(atPath: folder + "/begun") { await Task.yield() }
    #expect(sendmail.isBeingSent("one") && !sendmail.isBeingSent("two"))
    _ = FileManager.default.createFile(atPath: folder + "/go", contents: nil)
    try await work.value
    #expect(!sendmail.isBeingSent("one"))
  }

  @Test func `leaves no file behind of what nobody will send again`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sendmail = try program("exit 75")
    let to = try #require(MailAddress("dora@suedlicht.example"))
    for name in ["one", "two"] {
      await #expect(throws: ActionError.self) { try await sendmail.send("x", named: name, to: to) }
    }
    let others = ["three.eml.new", "note.txt"]
    for name in others {
      _ = FileManager.default.createFile(atPath: "\(folder)/spool/\(name)", contents: nil)
    }
    // Somebody who holds this one still reads it.
    let reader = unsafe open("\(folder)/spool/four.eml", O_RDONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(reader) }
    #expect(flock(reader, LOCK_EX) == 0)
    sendmail.clear(except: ["two"])
    let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/spool").sorted()
    #expect(left == ["four.eml", "note.txt", "two.eml"])
  }

  @Test func `says that it is not there`() async throws {
    let sendmail = Sendmail(path: "/nonexistent/sendmail", folder: NSTemporaryDirectory() + "m")
    let to = try #require(MailAddress("dora@suedlicht.example"))
    let error = await #expect(throws: ActionError.self) {
      try await sendmail.send("x", named: "one", to: to)
    }
    #expect(error?.description.contains("see that it is installed") == true)
    let nowhere = Sendmail(path: "/bin/true", folder: "/nonexistent/a/b")
    await #expect(throws: ActionError.self) { try await nowhere.send("x", named: "one", to: to) }
  }
}
