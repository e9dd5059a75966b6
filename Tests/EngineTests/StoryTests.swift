import Engine
import Events
import Foundation
import Testing

@Suite struct `The engine` {
  @Test func `suspends a login whose mail is refused as spam everywhere`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 30)
    let suspensions = decide(story.lines).filter { $0.action == .suspend }
    #expect(suspensions.map(\.subject) == ["anna@nordwind.example"])
    #expect(suspensions.first?.evidence.isEmpty == false)
  }

  @Test func `names the scripts where several sites share a uid, and stops none of them`() {
    var story = Story()
    for one in 0..<40 {
      let id = String(0xA0000 + one, radix: 16, uppercase: true) + "FB0"
      let isShop = one % 4 != 0
      if isShop { story.log("php[7]", "mail() on [/srv/shop/mailer.php:12]: To: x@y.example") }
      story.log("postfix/pickup[1]", "\(id): uid=33 from=<www-data>")
      if !isShop {
        story.log(
          "postfix/cleanup[1]",
          "\(id): info: header X-PHP-Originating-Script: 33:form.php from local; from=<www-data@mx1>"
        )
      }
      story.log(
        "postfix/qmgr[1]", "\(id): from=<www-data@mx1>, size=900, nrcpt=1 (queue active)")
      story.result(
        id, "x\(one)@d\(one % 9).example", status: "bounced",
        "host mx said: 554 5.7.1 spam detected")
      story.wait(5)
    }
    let transitions = decide(story.lines)
    #expect(transitions.allSatisfy { $0.action != .suspend && $0.action != .hold })
    let alert = transitions.first { $0.action == .alert && $0.subject == "uid:33" }
    #expect(alert?.reason.contains("/srv/shop/mailer.php (") == true)
    #expect(alert?.reason.contains("form.php (") == true)
  }

  @Test func `never attributes by the envelope sender`() {
    var story = Story()
    for one in 0..<30 {
      let id = story.submit("thief@nordwind.example")
      story.log(
        "postfix/qmgr[1]", "\(id): from=<victim@nordwind.example>, size=1, nrcpt=1 (queue active)")
      story.result(
        id, "x\(one)@d\(one % 9).example", status: "bounced",
        "host mx said: 554 5.7.1 spam detected")
    }
    #expect(
      Set(decide(story.lines).filter { $0.action == .suspend }.map(\.subject)) == [
        "thief@nordwind.example"
      ])
  }

  @Test func `counts a deferred recipient once, however often it is tried`() {
    var story = Story()
    let id = story.submit("anna@nordwind.example")
    for _ in 0..<500 {
      story.result(
        id, "a@gross.example", status: "deferred",
        "host mx said: 421 4.7.0 temporarily deferred due to user complaints")
      story.wait(60)
    }
    #expect(decide(story.lines).filter { $0.action == .suspend }.isEmpty)
  }

  @Test func `does not relapse by late bounces of what was sent before the restore`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 20)
    let late = (0..<100).map { _ in story.submit("anna@nordwind.example") }
    story.wait(3600)
    let renewal = story.now
    story.wait(3600)
    for (one, id) in late.enumerated() {
      story.result(
        id, "o\(one)@d\(one % 9).example", status: "bounced",
        "host mx said: 554 5.7.1 spam detected")
      story.wait(30)
    }
    let actions = decide(story.lines, changes: [(renewal, "anna@nordwind.example")]).map(\.action)
    #expect(actions.filter { $0 == .suspend }.count == 1)
    #expect(actions.filter { $0 == .restore }.count == 1)
  }

  @Test func `suspends again what is sent after the restore`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 20)
    story.wait(3600)
    let renewal = story.now
    story.wait(3600)
    story.spam("anna@nordwind.example", count: 20)
    let actions = decide(story.lines, changes: [(renewal, "anna@nordwind.example")]).map(\.action)
    #expect(actions.filter { $0 == .suspend }.count == 2)
  }

  @Test func `does not verify a change right after the thief's login`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 30, from: "198.51.100.7")
    story.wait(3600)
    story.log(
      "dovecot",
      "imap-login: Login: user=<anna@nordwind.example>, method=PLAIN, rip=198.51.100.7, lip=192.0.2.1, session=<x>"
    )
    story.wait(60)
    let renewal = story.now
    story.wait(60)
    _ = story.submit("bernd@nordwind.example")
    let actions = decide(story.lines, changes: [(renewal, "anna@nordwind.example")]).map(\.action)
    #expect(actions.contains(.unverified))
    #expect(!actions.contains(.restore))
  }

  @Test func `does not verify a change before the suspension`() {
    var story = Story()
    let early = story.now
    story.wait(10)
    story.spam("anna@nordwind.example", count: 30)
    let actions = decide(story.lines, changes: [(early, "anna@nordwind.example")]).map(\.action)
    #expect(!actions.contains(.restore))
  }

  @Test func `follows mail through a content filter and counts it once`() {
    var story = Story()
    for one in 0..<30 {
      let first = story.submit("anna@nordwind.example")
      let second = "E" + first
      story.log("postfix/10025/smtpd[2]", "\(second): client=localhost[127.0.0.1]")
      story.log(
        "postfix/qmgr[1]", "\(second): from=<x@forged.example>, size=1, nrcpt=1 (queue active)")
      story.log(
        "postfix/smtp[1]",
        "\(first): to=<o\(one)@d\(one % 9).example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as \(second))"
      )
      story.result(
        second, "o\(one)@d\(one % 9).example", status: "bounced",
        "host mx said: 554 5.7.1 spam detected")
    }
    let suspended = decide(story.lines).filter { $0.action == .suspend }
    #expect(suspended.map(\.subject) == ["anna@nordwind.example"])
  }

  /// What it accepts is accepted, as what it refuses is refused.
  @Test func `takes a relay on this machine at its word where mail never comes back from it`() {
    var story = Story()
    for one in 0..<400 {
      let id = story.submit("anna@nordwind.example")
      let isUnknown = one % 25 == 0
      story.log(
        "postfix/smtp[1]",
        "\(id): to=<o\(one)@d\(one % 7).example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
          + (isUnknown
            ? "dsn=5.1.1, status=bounced (host 127.0.0.1 said: 550 5.1.1 User unknown)"
            : "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as F\(id))"))
      story.log("postfix/qmgr[1]", "\(id): removed")
      story.wait(5)
    }
    #expect(decide(story.lines).filter { $0.action == .suspend || $0.action == .hold }.isEmpty)
  }

  /// Some filters take a mail first, and give it back a moment later.
  @Test func `follows mail through a filter that gives it back later`() {
    var story = Story()
    for one in 0..<40 {
      let first = story.submit("anna@nordwind.example")
      let second = "E" + first
      story.log(
        "postfix/smtp[1]",
        "\(first): to=<o\(one)@d\(one % 9).example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as \(second))"
      )
      story.log("postfix/10025/smtpd[2]", "\(second): client=localhost[127.0.0.1]")
      story.log(
        "postfix/qmgr[1]", "\(second): from=<x@forged.example>, size=1, nrcpt=1 (queue active)")
      story.result(
        second, "o\(one)@d\(one % 9).example", status: "bounced",
        "host mx said: 554 5.7.1 spam detected")
    }
    let suspended = decide(story.lines).filter { $0.action == .suspend }
    #expect(suspended.map(\.subject) == ["anna@nordwind.example"])
  }

  @Test func `suspends nobody while everybody's mail is refused for our reputation`() {
    var story = Story()
    for round in 0..<60 {
      for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let id = story.submit("\(name)@nordwind.example")
        story.result(
          id, "kunde\(round)@gross.example", status: "bounced",
          "host mx said: 550 5.7.1 Client host blocked using zen.spamhaus.org")
        story.wait(20)
      }
    }
    let transitions = decide(story.lines)
    #expect(transitions.filter { $0.action == .suspend }.isEmpty)
    #expect(transitions.contains { $0.action == .alert && $0.subject == nil })
  }

  @Test func `waits for every renewal of an incident before it restores`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 20, from: "198.51.100.9")
    story.spam("bernd@nordwind.example", count: 20, from: "198.51.100.9")
    story.wait(3600)
    let first = story.now
    story.wait(3600)
    let second = story.now
    story.wait(3600)
    _ = story.submit("clara@nordwind.example")
    let restores = decide(
      story.lines,
      changes: [(first, "anna@nordwind.example"), (second, "bernd@nordwind.example")],
      accounts: "account,customer\nanna@nordwind.example,K1\nbernd@nordwind.example,K1\n"
    ).filter { $0.action == .restore }
    #expect(restores.count == 2)
    #expect(restores.allSatisfy { $0.time == second })
  }

  @Test func `does not count what comes too late for a window`() {
    var story = Story()
    story.spam("anna@nordwind.example", count: 30)
    // The clock of one line leaps ahead by a month: what follows is older than any window.
    let now = story.now
    var late = Story()
    late.wait(90 * 86_400)
    _ = late.submit("clara@nordwind.example")
    #expect(decide(late.lines + story.lines).filter { $0.action == .suspend }.isEmpty)
    #expect(now < late.now)
  }

  @Test func `never suspends a postmaster, but tells the operator`() {
    var story = Story()
    story.spam("postmaster@nordwind.example", count: 30)
    let transitions = decide(story.lines)
    #expect(!transitions.contains { $0.action == .suspend || $0.action == .hold })
    #expect(transitions.contains { $0.action == .alert })
  }

  @Test func `brakes when too many would be suspended within an hour`() {
    var story = Story()
    for name in 0..<20 { story.spam("konto\(name)@nordwind.example", count: 15) }
    let transitions = decide(story.lines)
    let suspended = transitions.filter { $0.action == .suspend }.count
    #expect(suspended >= 3 && suspended <= 10)
    #expect(transitions.contains { $0.action == .braked })
  }

  @Test func `says of a hold that it is a suspension which the brakes put off, and why`() throws {
    var story = Story()
    for name in 0..<20 { story.spam("konto\(name)@nordwind.example", count: 15) }
    let engine = replayed(story.lines)
    let held = try #require(engine.stopped.first { $0.isHeld }).caseNumber
    let reason = try #require(engine.detail(held, steps: []).braked)
    #expect(reason.contains("recipients refused at"))
    let suspended = try #require(engine.stopped.first { !$0.isHeld }).caseNumber
    #expect(engine.detail(suspended, steps: []).braked == nil)
    #expect(engine.detail(suspended, steps: []).settings.contains { $0.name == "honest" })
  }

  @Test func `names the login that tipped it where an address was judged`() throws {
    var story = Story()
    for _ in 0..<30 {
      _ = story.submit("anna@nordwind.example", from: "198.51.100.7")
      story.wait(7200)
    }
    // What the account did otherwise tells nothing of the address.
    let id = story.submit("anna@nordwind.example", from: "198.51.100.7")
    story.result(id, "x@y.example", status: "bounced", "host mx said: 550 5.1.1 User unknown")
    for name in 0..<12 {
      story.log(
        "postfix/submission/smtpd[1]",
        "warning: unknown[203.0.113.66]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=k\(name)@nordwind.example"
      )
    }
    story.wait(60)
    _ = story.submit("anna@nordwind.example", from: "203.0.113.66")
    let stop = try #require(decide(story.lines).first { $0.action == .suspend })
    #expect(stop.policy == "credential-stuffing")
    #expect(stop.evidence.count == 1)
    #expect(stop.evidence[0].text.contains("client=unknown[203.0.113.66]"))
  }

  @Test func `shows what speaks against the sender, whatever else was not delivered`()
    throws
  {
    var story = Story()
    for one in 0..<40 {
      story.spam("dora@suedlicht.example", count: 1)
      for more in 0..<6 {
        let id = story.submit("dora@suedlicht.example")
        story.result(
          id, "x@later\(one)-\(more % 2).example", status: "deferred",
          "host mx said: 451 4.7.1 Greylisted, try again later")
      }
      story.spam("dora@suedlicht.example", count: 5)
    }
    let stop = try #require(decide(story.lines).first { $0.action == .suspend })
    #expect(stop.policy == "rejections" && stop.evidence.count == 3)
    for line in stop.evidence { #expect(line.text.contains("554 5.7.1 Message rejected")) }
  }

  @Test func `counts as nobody's what an Exim user sends whom no table names, and no bounce`() {
    let lines = [
      "2026-11-24 03:00:00 1xVgkw-000139-34 <= web9@mail.hoster.example U=web9 P=local S=463",
      "2026-11-24 03:00:01 1xVgkw-000140-34 <= <> R=1xVgkw-000139-34 U=Debian-exim P=local S=2510",
      "2026-11-24 03:00:02 1xVgkw-000141-34 <= a@b.example H=mx.b.example [192.0.2.1] P=esmtp S=9",
    ]
    let engine = replayed(lines)
    #expect(engine.outgoing == (messages: 1, unattributed: 1) && engine.hasUnknownUsers)
  }

  @Test func `suspends what the brakes put off when the hour is over`() {
    var story = Story()
    for name in 0..<8 { story.spam("konto\(name)@nordwind.example", count: 15) }
    for _ in 0..<5 {
      story.wait(3700)
      _ = story.submit("still@nordwind.example")
    }
    let suspended = Set(decide(story.lines).filter { $0.action == .suspend }.map(\.subject))
    #expect(suspended.count == 8)
  }
}

@Suite struct `A replay` {
  @Test func `gives the same decisions every time`() throws {
    let lines = try sampleLines()
    #expect(decide(lines) == decide(lines))
  }

  @Test func `of a log that is cut gives what the whole log had given till then`() throws {
    let lines = try sampleLines()
    let whole = decide(lines)
    for length in stride(from: 100, to: lines.count, by: lines.count / 120) {
      let cut = decide(Array(lines.prefix(length)))
      let before = whole.filter { $0.evidence.allSatisfy { $0.line <= length } }
      let count = cut.count
      #expect(Array(before.prefix(count)) == cut)
    }
  }

  @Test func `never runs backwards`() throws {
    let times = decide(try sampleLines()).map(\.time)
    #expect(times == times.sorted())
  }
}

@Suite struct `A list` {
  private func decisions(_ entry: String, changeFirst: Bool = false) throws -> [Transition] {
    let file = NSTemporaryDirectory() + "lists-" + UUID().uuidString + ".lua"
    try "return {\n  { \(entry), from = '2026-10-01', expires = '2026-12-31', reason = 'x' },\n}"
      .write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    var story = Story()
    let change = story.now
    story.wait(10)
    story.spam("anna@nordwind.example", count: 30)
    return decide(
      story.lines, changes: changeFirst ? [(change, "anna@nordwind.example")] : [],
      accounts: "account\nanna@nordwind.example", lists: file)
  }

  private func isSuspended(_ transitions: [Transition]) -> Bool {
    transitions.contains { $0.action == .suspend }
  }

  @Test func `allows one policy, not every`() throws {
    let some = try decisions("allow = 'anna@nordwind.example', policy = 'rejections'")
    #expect(some.allSatisfy { $0.policy != "rejections" })
    #expect(isSuspended(some))
  }

  @Test func `protects, and tells the operator`() throws {
    let transitions = try decisions("protect = 'anna@nordwind.example'")
    #expect(!isSuspended(transitions))
    #expect(transitions.contains { $0.action == .alert && $0.subject == "anna@nordwind.example" })
  }

  @Test func `is lifted by a new password`() throws {
    let transitions = try decisions(
      "allow = 'anna@nordwind.example', policy = 'rejections'", changeFirst: true)
    #expect(transitions.contains { $0.action == .suspend && $0.policy == "rejections" })
  }
}
