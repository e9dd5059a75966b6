import Collectors
import Engine
import Events
import Foundation
import Policy

let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// Log lines made of Postfix's real forms, on a clock of their own, and what the engine decides on them.
struct Story {
  private(set) var lines: [String] = []
  var now = Instant(seconds: 1_791_150_000)
  private var number = 0x10000

  /// Hands over a mail and gives its queue id.
  mutating func submit(_ login: String, from address: String = "203.0.113.9", recipients: Int = 1)
    -> String
  {
    number += 1
    let id = String(number, radix: 16, uppercase: true) + "FB0"
    log(
      "postfix/submission/smtpd[1]",
      "\(id): client=unknown[\(address)], sasl_method=PLAIN, sasl_username=\(login)")
    log("postfix/qmgr[1]", "\(id): from=<\(login)>, size=1000, nrcpt=\(recipients) (queue active)")
    return id
  }

  mutating func result(
    _ id: String, _ recipient: String, status: String = "sent", _ reply: String = "250 2.0.0 Ok"
  ) {
    let domain = recipient.split(separator: "@").last ?? ""
    log(
      "postfix/smtp[1]",
      "\(id): to=<\(recipient)>, relay=mx.\(domain)[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=\(status) (\(reply))"
    )
  }

  mutating func spam(_ login: String, count: Int, from address: String = "203.0.113.9") {
    for one in 0..<count {
      let id = submit(login, from: address)
      result(
        id, "opfer\(one)@domain\(one % 9).example", status: "bounced",
        "host mx said: 554 5.7.1 Message rejected as spam by content filter")
      wait(5)
    }
  }

  mutating func log(_ tag: String, _ text: String) {
    lines.append("\(now.rfc3339(digits: 0).dropLast())+00:00 mx1 \(tag): \(text)")
  }

  mutating func wait(_ seconds: Int64) { now = now + TimeSpan(seconds: seconds) }
}

/// An engine with the shipped policies, that has seen nothing yet.
func freshEngine(
  _ settings: Engine.Settings = Engine.Settings(), accounts: String = "account",
  contacts: String? = nil, lists: String? = nil, decidesFrom: Instant = .distantPast
) -> Engine {
  var policies = PolicySet(directory: root + "/policies")
  if let lists { policies.addList(lists) }
  var directory = Directory()
  directory.readAccounts(CSVTable(Array(accounts.utf8)), file: "accounts.csv")
  if let contacts {
    directory.readContacts(CSVTable(Array(contacts.utf8)), file: "contacts.csv")
  }
  return Engine(
    settings: settings, policies: policies, directory: directory, geo: Geo(),
    fileNames: ["mail.log"], decidesFrom: decidesFrom, classify: ReplyClassifier().classify)
}

extension Engine {
  /// What a log of password changes tells.
  mutating func renew(
    _ account: String, from address: NetworkAddress? = nil, at time: Instant,
    earliest: Instant? = nil
  ) {
    var event = LogEvent()
    event.arrivalTime = earliest
    (event.kind, event.time, event.clientAddress) = (.passwordChange, time, address)
    let bytes = Array(account.utf8)
    event.saslLogin = Field(0..<bytes.count)
    take(event, bytes.span)
  }
}

/// Replays lines through the shipped policies.
/// - Parameter changes: password changes, as `TIME ACCOUNT`.
func decide(
  _ lines: [String], changes: [(Instant, String)] = [], accounts: String = "account",
  lists: String? = nil
) -> [Transition] {
  replayed(lines, changes: changes, accounts: accounts, lists: lists).transitions
}

/// The engine after that.
func replayed(
  _ lines: [String], changes: [(Instant, String)] = [], accounts: String = "account",
  lists: String? = nil
) -> Engine {
  var engine = freshEngine(accounts: accounts, lists: lists)
  var parser = LineParser(clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
  var event = LogEvent()
  var changes = changes
  for (number, line) in lines.enumerated() {
    let bytes = Array(line.utf8)
    guard parser.parse(bytes.span, into: &event) else { continue }
    while let change = changes.first, change.0 <= event.time {
      engine.renew(change.1, at: change.0)
      changes.removeFirst()
    }
    event.line = Int32(number + 1)
    engine.take(event, bytes.span)
  }
  engine.finish()
  return engine
}

func sampleLines() throws -> [String] {
  try String(contentsOfFile: root + "/samples/seed-story/mail.log", encoding: .utf8)
    .split(separator: "\n").map(String.init)
}

/// Gives an engine further lines.
final class Lines {
  private var parser = LineParser(
    clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
  private var number: Int32 = 0

  func feed(_ lines: [String], to engine: inout Engine) {
    var event = LogEvent()
    for line in lines {
      number += 1
      let bytes = Array(line.utf8)
      guard parser.parse(bytes.span, into: &event) else { continue }
      event.line = number
      engine.take(event, bytes.span)
    }
  }
}
