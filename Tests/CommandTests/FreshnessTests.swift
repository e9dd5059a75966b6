import Events
import Testing

@testable import sperrwerk

/// A second by second account of some sources.
private struct Watch {
  var freshness: Freshness
  var now = Instant(seconds: 1_790_000_000)
  var found: [Freshness.Finding] = []

  init(_ change: (inout Freshness.Limits) -> Void = { _ in }) {
    var limits = Freshness.Limits()
    change(&limits)
    freshness = Freshness(limits)
  }

  mutating func pass(
    _ seconds: Int64, _ readings: [Freshness.Reading], messages: Int = 0, unattributed: Int = 0
  ) {
    for second in 0...seconds where second % 10 == 0 || second == seconds {
      found += freshness.look(
        readings, messages: messages, unattributed: unattributed,
        at: now + TimeSpan(seconds: second))
    }
    now = now + TimeSpan(seconds: seconds)
  }

  var alerts: [String] { found.filter(\.isAlert).map(\.text) }
}

@Suite struct `A source's freshness` {
  typealias Reading = Freshness.Reading

  @Test func `is an alert after its limit of silence, once, and its end is said`() {
    var watch = Watch()
    watch.pass(3590, [Reading(name: "mail.log", lines: 5)])
    #expect(watch.found.isEmpty)
    watch.pass(4000, [Reading(name: "mail.log", lines: 5)])
    #expect(watch.alerts.count == 1 && watch.alerts[0].contains("mail.log has had no line for 1h"))
    watch.pass(10, [Reading(name: "mail.log", lines: 6)])
    #expect(watch.found.last == .init(text: "mail.log has lines again", isAlert: false))
    watch.pass(3700, [Reading(name: "mail.log", lines: 6)])
    #expect(watch.alerts.count == 2)
  }

  @Test func `has a limit of its own, or none`() {
    var watch = Watch { $0.silenceOf = ["imap.log": TimeSpan(seconds: 60)] }
    watch.pass(
      90_000,
      [Reading(name: "imap.log"), Reading(name: "changes.log", maySilent: true)])
    #expect(watch.alerts.count == 2 - 1 && watch.alerts[0].contains("imap.log"))
    var none = Watch { $0.silence = .zero }
    none.pass(90_000, [Reading(name: "mail.log")])
    #expect(none.found.isEmpty)
  }

  @Test func `is an alert soon where it cannot be read, but not while it is rotated`() {
    let fault = "mail.log: permission denied; check its name and that you may read it"
    var watch = Watch()
    watch.pass(20, [Reading(name: "mail.log", fault: fault)])
    watch.pass(5, [Reading(name: "mail.log", lines: 1)])
    #expect(watch.found.isEmpty)
    watch.pass(60, [Reading(name: "mail.log", lines: 1, fault: fault)])
    #expect(watch.alerts == ["\(fault); nothing is seen there meanwhile"])
    watch.pass(1, [Reading(name: "mail.log", lines: 1)])
    #expect(watch.found.last?.text == "mail.log can be read again")
  }

  @Test func `is an alert where a share of its lines is of no known form`() {
    var watch = Watch()
    watch.pass(0, [Reading(name: "mail.log")])
    watch.pass(700, [Reading(name: "mail.log", lines: 1000, events: 500, strangeLines: 150)])
    #expect(watch.found.isEmpty)
    watch.pass(700, [Reading(name: "mail.log", lines: 1100, events: 500, strangeLines: 250)])
    #expect(watch.found.isEmpty, "too few lines to judge")
    watch.pass(700, [Reading(name: "mail.log", lines: 1300, events: 500, strangeLines: 450)])
    #expect(watch.alerts.first?.contains("300 of the last 300 lines are of no known form") == true)
  }

  @Test func `is an alert where its lines no longer tell what they told`() {
    var watch = Watch()
    watch.pass(0, [Reading(name: "mail.log")])
    watch.pass(700, [Reading(name: "mail.log", lines: 3000, events: 1500)])
    watch.pass(700, [Reading(name: "mail.log", lines: 4000, events: 1510)])
    #expect(watch.alerts.first?.contains("only 10 of the last 1000 lines tell something") == true)
    watch.pass(700, [Reading(name: "mail.log", lines: 5000, events: 2000)])
    #expect(watch.found.last?.text == "mail.log: lines tell something again")
  }

  @Test func `is an alert where too much mail is nobody's`() {
    var watch = Watch()
    watch.pass(0, [])
    watch.pass(3600, [], messages: 100, unattributed: 20)
    #expect(watch.found.isEmpty)
    watch.pass(3600, [], messages: 120, unattributed: 40)
    #expect(watch.found.isEmpty, "too few to judge")
    watch.pass(3600, [], messages: 200, unattributed: 90)
    #expect(watch.alerts.first?.contains("70 of the last 100 messages are nobody's") == true)
    watch.pass(3700, [], messages: 400, unattributed: 95)
    #expect(watch.found.last?.text == "messages have senders again")
  }
}
