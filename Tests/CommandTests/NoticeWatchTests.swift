import Collectors
import Events
import Foundation
import Store
import Testing

@testable import sperrwerk

@Suite struct `What the mail log tells of a notice` {
  private static let name = "sperrwerk.1.2.abc@hoster.example"
  private static let sent = "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent"
  private static let taken = "cleanup[1]: ABC111: message-id=<\(name)>"
  private static let filtered =
    "smtp[1]: ABC111: to=<chef@aussen.example>, relay=127.0.0.1[127.0.0.1]:10024, \(sent) "
    + "(250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ABC222)"
  private static let removed = "qmgr[1]: ABC111: removed"
  private static let given = "cleanup[1]: ABC222: message-id=<\(name)>"
  private static let refused =
    "smtp[1]: ABC222: to=<chef@aussen.example>, relay=mx.aussen.example[192.0.2.9]:25, delay=1, "
    + "delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 no such user)"
  private static let known = NoticeWatch.Seen.taken(messageID: name, queueID: "ABC111")
  private static let passed = NoticeWatch.Seen.passedOn(messageID: name, queueID: "ABC222")
  private static let bounce = NoticeWatch.Seen.refused(
    messageID: name, reply: "host mx said: 550 5.1.1 no such user")

  private func seen(_ lines: [String]) -> [NoticeWatch.Seen] {
    let watch = NoticeWatch([])
    watch.expect(Self.name)
    return seen(lines, by: watch)
  }

  private func seen(_ lines: [String], by watch: NoticeWatch) -> [NoticeWatch.Seen] {
    var parser = LineParser(
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    return lines.compactMap { text in
      let bytes = Array("2026-11-24T03:46:40.076631Z mx1 postfix/\(text)".utf8)
      var event = LogEvent()
      guard parser.parse(bytes.span, into: &event) else { return nil }
      return watch.see(event, bytes.span)
    }
  }

  @Test func `goes on behind a content filter, whichever line comes first`() {
    #expect(
      seen([Self.taken, Self.given, Self.filtered, Self.removed, Self.refused])
        == [Self.known, Self.passed, Self.bounce])
    #expect(
      seen([Self.taken, Self.given, Self.refused, Self.filtered, Self.removed])
        == [Self.known, Self.bounce])
    #expect(
      seen([Self.taken, Self.filtered, Self.refused]) == [Self.known, Self.passed, Self.bounce])
  }

  @Test func `goes on behind a content filter after a restart`() throws {
    let facts = NoticeFacts(
      kind: .suspended, caseNumber: 1, subject: "dora@suedlicht.example", isSite: false,
      policy: "rejections", reason: "because", suspendedAt: Instant(seconds: 1000), networks: [],
      mailboxes: [], isRelapse: false, language: "de", contacts: [])
    let now = Instant(seconds: 2000)
    let folder = NSTemporaryDirectory() + "watch-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try LedgerStore(folder + "/sperrwerk.db")
    var step = Transition(
      time: now, action: .notify, subject: facts.subject, policy: nil, reason: "because",
      caseNumber: 1)
    step.step = 1
    let order = try #require(try store.append([step], decidedTo: now).first)
    try store.plan([
      LedgerStore.Notice(
        orderID: order.id, recipient: "chef@aussen.example", hasLink: true, facts: facts, at: now)
    ])
    try store.begin([try #require(try store.openNotices().first).id], messageID: Self.name, at: now)
    let before = NoticeWatch(try store.noticesUnderWay())
    for seen in seen([Self.taken, Self.given, Self.filtered], by: before) {
      _ = try store.note(seen, at: now)
    }
    let after = NoticeWatch(try store.noticesUnderWay())
    #expect(seen([Self.removed, Self.refused], by: after) == [Self.bounce])
  }

  @Test func `ends where another host has taken it`() {
    let remote = Self.filtered.replacing("127.0.0.1[127.0.0.1]:10024", with: "mx[192.0.2.9]:25")
    #expect(
      seen([Self.taken, remote, Self.refused])
        == [Self.known, .delivered(messageID: Self.name)])
  }

  @Test func `is not what becomes of another's copy`() {
    #expect(seen([Self.taken, Self.given, Self.refused]) == [Self.known])
    #expect(seen([Self.taken, Self.removed, Self.given, Self.refused]) == [Self.known])
  }
}
