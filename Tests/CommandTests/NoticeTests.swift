import Foundation
import Testing

@testable import sperrwerk

@Suite(.serialized) struct `A suspended customer` {
  private let dora = "dora@suedlicht.example"
  private let form =
    "web:\n  url: https://mail.hoster.example/\nnotices:\n  settle: 2s\n  every: 0s\n  from: postmaster@hoster.example"

  @Test func `is told at the mailbox without a link, and outside of it with one`() throws {
    let host = try TellingHost(accounts: "\(dora),suedlicht,chef@aussen.example,de\n", more: form)
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    try host.wait("not told") { host.mails.count >= 2 }
    let own = try #require(host.mails.first { $0.to == "<\(dora)>" })
    let outside = try #require(host.mails.first { $0.to == "<chef@aussen.example>" })
    #expect(own.subject == "Versand gesperrt: \(dora)")
    #expect(!own.text.contains("hoster.example/r/") && !own.text.contains("https:"))
    #expect(outside.text.contains("https://mail.hoster.example/r/1."))
    try host.wait("not noted") { try host.command(["cases"]).output.contains("notified") }
    let detail = try host.command(["case", "1"]).output
    #expect(detail.contains("chef@aussen.example (with the link)"), "\(detail)")
    // The key is nobody else's to read.
    let key = try FileManager.default.attributesOfItem(atPath: host.folder + "/state/form.key")
    #expect((key[.posixPermissions] as? Int) == 0o600)
    #expect(try host.command(["restore", dora, "--reason", "by phone"]).status == 0)
    try host.wait("not told of the end") { host.mails.count >= 4 }
    #expect(host.mails.count { $0.subject.hasPrefix("Versand wieder frei") } == 2)
    #expect(host.end() == 0)
  }

  /// The colleague was outside when told; later the thief logs in to that mailbox.
  @Test func `opens nothing with a link that the thief can read by now`() throws {
    let colleague = "info@suedlicht.example"
    let host = try TellingHost(
      accounts: "\(dora),suedlicht,\(colleague),de\n\(colleague),suedlicht,,de\n", more: form)
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    try host.wait("not told") { host.mails.contains { $0.to == "<\(colleague)>" } }
    try host.wait("not noted") { try host.command(["cases"]).output.contains("notified") }
    #expect(host.mails.contains { $0.text.contains("/r/1.") })
    // What the form asks, for each notice of the case.
    func opened() -> [Bool] {
      (1...2).map { notice in
        let request = #"{"command":"incident","number":1,"notice":\#(notice)}"#
        let answer = try? OperatorSocket.ask(host.folder + "/operators", request).get()
        return answer?.contains(#""isDone":true"#) == true
      }
    }
    #expect(opened().contains(true))
    host.login(colleague, from: "203.0.113.9")
    try host.wait("still open") { !opened().contains(true) }
    #expect(host.end() == 0)
  }

  @Test func `is not told at a contact in which the thief was found before the mail went out`()
    throws
  {
    let colleague = "info@suedlicht.example"
    let emil = "emil@westfeld.example"
    // The colleague has just been told of somebody else, so that the next notice waits.
    let host = try TellingHost(
      accounts: """
        \(emil),westfeld,\(colleague),de
        \(dora),suedlicht,\(colleague) chef@aussen.example,de
        \(colleague),suedlicht,,de

        """, more: form.replacing("every: 0s", with: "every: 15s"))
    try host.start()
    try host.waitUntilReady()
    host.steal(emil, from: "203.0.113.77")
    try host.wait("not told of emil") { host.mails.contains { $0.to == "<\(colleague)>" } }
    host.steal(dora)
    try host.wait("no case") { try host.command(["cases"]).output.contains("#2 ") }
    host.login(colleague, from: "203.0.113.9")
    try host.wait("nobody is told") { host.mails.contains { $0.to == "<chef@aussen.example>" } }
    #expect(host.mails.allSatisfy { $0.to != "<\(colleague)>" || !$0.text.contains("/r/2.") })
    #expect(host.end() == 0)
  }

  @Test func `is told of no suspension that is over when its turn comes`() throws {
    let other = "info@suedlicht.example"
    let host = try TellingHost(
      accounts:
        "\(dora),suedlicht,chef@aussen.example,en\n\(other),suedlicht,chef@aussen.example,en\n",
      more: form.replacing("every: 0s", with: "every: 15s"))
    try host.start()
    try host.waitUntilReady()
    func told(_ subject: String) -> Bool {
      host.mails.contains { $0.to == "<chef@aussen.example>" && $0.subject == subject }
    }
    host.steal(dora)
    try host.wait("not told") { told("Sending is suspended: \(dora)") }
    host.steal(other, from: "203.0.113.77")
    // Who is restored before that is told of nothing at all.
    try host.wait("no notice") { try host.command(["case", "2"]).output.contains("Z notify\n") }
    #expect(try host.command(["restore", other, "--reason", "a mistake"]).status == 0)
    try host.wait("not told of the end") { told("Sending is open again: \(other)") }
    // The mailbox itself may have been told before the operator's word came.
    try host.wait("still waiting") {
      let steps = try host.command(["case", "2"]).output
      return steps.contains("nobody could be told by mail") || steps.contains("told \(other)\n")
    }
    #expect(!told("Sending is suspended: \(other)"))
    #expect(host.end() == 0)
  }

  /// The panel's zone is wrong, or its clock: an old change would count as just now.
  @Test func `has renewed nothing in the future`() throws {
    let host = try TellingHost(accounts: "\(dora),suedlicht,chef@aussen.example,de\n", more: form)
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    try host.wait("no case") { try host.command(["cases"]).output.contains("#1 ") }
    host.renew(dora, ahead: 3600)
    try host.wait("not told") { try host.said("lies in the future, and opens nothing") }
    #expect(!(try host.command(["case", "1"]).output.contains("verified")))
    host.renew(dora)
    try host.wait("not restored") { try host.command(["case", "1"]).output.contains(" restore") }
    #expect(host.end() == 0)
  }

  @Test(arguments: [
    ("dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 no such user)", "was refused: "),
    ("dsn=4.4.1, status=deferred (connect to mx: timed out)", "was not delivered within 1s"),
  ])
  func `is told by the next contact when the first refuses, or keeps it waiting`(
    outcome: String, says: String
  ) throws {
    let host = try TellingHost(
      accounts: "\(dora),suedlicht,erster@aussen.example zweiter@aussen.example,en\n",
      sendmail: """
        case "$*" in *erster@*)
          log postfix/smtp[1] "to=<erster@aussen.example>, relay=none, delay=0, delays=0/0/0/0, \(outcome)";;
        esac
        """, more: form + (says.hasPrefix("was not") ? "\n  patience: 1s" : ""))
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    try host.wait("the next is not told") {
      host.mails.contains { $0.to == "<zweiter@aussen.example>" }
    }
    let second = try #require(host.mails.first { $0.to == "<zweiter@aussen.example>" })
    #expect(second.text.contains("/r/1."))
    try host.wait("not in the ledger") {
      try host.command(["case", "1"]).output.contains(says)
    }
    #expect(host.end() == 0)
  }

  /// The log tells of a refusal once; and whoever is to be told then waits for the ledger.
  @Test func `is told by the next contact where the ledger is locked when the first refuses`()
    throws
  {
    let host = try TellingHost(
      accounts: "\(dora),suedlicht,erster@aussen.example zweiter@aussen.example,en\n",
      sendmail: """
        case "$*" in *erster@*)
          touch ${0%/*}/taken; while [ ! -e ${0%/*}/go ]; do sleep 0.05; done
          log postfix/smtp[1] "to=<erster@aussen.example>, relay=none, delay=0, delays=0/0/0/0, dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 no such user)";;
        esac
        """, more: form)
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    func isThere(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: host.folder + "/" + name)
    }
    try host.wait("not handed over") { isThere("taken") }
    let lock = try LedgerLock(host.folder + "/state/sperrwerk.db")
    _ = FileManager.default.createFile(atPath: host.folder + "/go", contents: nil)
    try host.wait("not told of it") { try host.said("ALERT: what became of a notice cannot be") }
    try lock.end()
    try host.wait("the next is not told") {
      host.mails.contains { $0.to == "<zweiter@aussen.example>" }
    }
    #expect(host.mails.count { $0.to == "<erster@aussen.example>" } == 1)
    #expect(host.end() == 0)
  }

  /// Its sendmail takes nothing for a while, and meanwhile it was a false alarm.
  @Test func `is not told of a suspension that is over when the mail system is there again`() throws
  {
    let host = try TellingHost(
      accounts: "\(dora),suedlicht,chef@aussen.example,en\n",
      sendmail: "[ -e ${0%/*}/well ] || { rm ${taken%.part}.eml; exit 75; }", more: form)
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    try host.wait("nothing said") { try host.command(["case", "1"]).output.contains(" waits: ") }
    _ = try host.command(["restore", dora, "--reason", "a mistake"])
    try host.wait("not open") { try host.command(["case", "1"]).output.contains("Z restore") }
    _ = FileManager.default.createFile(atPath: host.folder + "/well", contents: nil)
    try host.wait("not told of the end") {
      host.mails.contains { $0.subject == "Sending is open again: \(dora)" }
    }
    #expect(host.end() == 0)
    #expect(host.mails.allSatisfy { !$0.subject.hasPrefix("Sending is suspended") })
  }

  @Test func `is told later where the mail system takes nothing, and the operator hears of it`()
    throws
  {
    let host = try TellingHost(accounts: "\(dora),suedlicht,chef@aussen.example,de\n", more: form)
    let real = host.folder + "/sendmail"
    try FileManager.default.moveItem(atPath: real, toPath: real + ".away")
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    try host.wait("nothing said") { try host.command(["case", "1"]).output.contains(" waits: ") }
    #expect(host.mails.isEmpty)
    try FileManager.default.moveItem(atPath: real + ".away", toPath: real)
    try host.wait("never told") { host.mails.count == 2 }
    #expect(host.end() == 0)
  }

  @Test func `of whom nobody outside is known is the operator's matter`() throws {
    let host = try TellingHost(accounts: "\(dora),suedlicht,\(dora),de\n", more: form)
    try host.start()
    try host.waitUntilReady()
    host.steal(dora)
    try host.wait("not told") { host.mails.count == 1 }
    try host.wait("no alert") {
      try host.said("ALERT: case 1: no contact outside the incident can be told")
    }
    #expect(host.end() == 0)
  }

  /// TEST_KILLS=100 for the long form.
  @Test func `is told once and restored only after a renewal, whenever the service is killed`()
    throws
  {
    let wanted = ProcessInfo.processInfo.environment["TEST_KILLS"].flatMap(Int.init) ?? 12
    var dice = Dice(state: 424_242)
    let logins = (0..<max(3, wanted / 6)).map { "opfer\($0)@suedlicht.example" }
    let host = try TellingHost(
      accounts: logins.enumerated().map { "\($1),kunde\($0),kontakt\($0)@aussen.example,de\n" }
        .joined(), more: form)
    func told(_ login: String) -> (suspended: Int, open: Int) {
      let subjects = host.mails.map(\.subject).filter { $0.contains(login) }
      return (
        subjects.count { $0.hasPrefix("Versand gesperrt") },
        subjects.count { $0.hasPrefix("Versand wieder frei") }
      )
    }
    var kills = 0
    func killSoon() throws {
      usleep(UInt32.random(in: 0...1_200_000, using: &dice))
      host.kill()
      kills += 1
      try host.start()
    }
    try host.start()
    try host.waitUntilReady()
    for (number, login) in logins.enumerated() {
      host.steal(login)
      for _ in 0..<3 { try killSoon() }
      try host.wait("\(login) is not suspended") {
        try host.command(["cases"]).output.contains(login)
      }
      // Every third customer renews nothing.
      if number % 3 == 2 { continue }
      // The others are told first, or renew it before they are: then they are told of its end alone.
      if number % 3 == 0 { try host.wait("\(login) is not told") { told(login).suspended == 2 } }
      // Of whom no notice was ordered hears nothing of the end either.
      try host.wait("\(login): no notice") {
        try host.command(["case", "\(number + 1)"]).output.contains("Z notify\n")
      }
      host.renew(login)
      for _ in 0..<4 { try killSoon() }
    }
    while kills < wanted { try killSoon() }
    try host.waitUntilReady()
    let renewed = logins.enumerated().filter { $0.offset % 3 != 2 }.map(\.element)
    for login in logins {
      try host.wait("\(login): \(told(login))", seconds: 60) {
        renewed.contains(login) ? told(login).open >= 2 : told(login).suspended >= 2
      }
    }
    // What would come twice comes when all that is open is taken up once more.
    for _ in 0..<2 {
      try host.wait("orders stay open") { try host.count("orders_in_flight") == 0 }
      host.kill()
      try host.start()
      try host.waitUntilReady()
    }
    try host.wait("orders stay open") { try host.count("orders_in_flight") == 0 }
    let mails = host.mails
    #expect(Set(mails.map { "\($0.to) \($0.subject)" }).count == mails.count, "told twice")
    for (number, login) in logins.enumerated() {
      let (suspended, open) = told(login)
      #expect(number % 3 == 1 ? suspended <= 2 : suspended == 2, "\(login)")
      #expect(open == (renewed.contains(login) ? 2 : 0), "\(login)")
      let about = mails.filter { $0.subject.contains(login) }
      #expect(about.allSatisfy { !$0.text.contains("/r/") || $0.to.contains("kontakt") })
    }
    let cases = try host.command(["cases"]).output
    for login in logins where !renewed.contains(login) {
      let line = cases.split(separator: "\n").first { $0.contains(login) }
      #expect(line?.contains("restored") == false, "\(login)")
    }
    #expect(host.end() == 0)
    print("killed \(kills) times: \(mails.count) notices, each once")
  }
}
