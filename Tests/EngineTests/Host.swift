import Collectors
import Engine
import Events

/// An engine as the live service has it, with cases made of log lines.
final class Host {
  var engine: Engine
  private var parser = LineParser(
    clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
  var story = Story()
  private var read = 0

  static let accounts = """
    account,domain,customer,reseller,contact,locale,aliases
    dora@suedlicht.example,,suedlicht,reisser,chef@ausserhalb.example,de,post@suedlicht.example team@alias.example
    info@suedlicht.example,,suedlicht,reisser,dora@suedlicht.example,de,
    shop@suedlicht.example,,suedlicht,reisser,"-f@x.example; info+x@suedlicht.example",,team@alias.example
    anna@nordwind.example,,nordwind,reisser,,en,team@alias.example
    web12p3,,,,,,
    web12p4,nur-domain.example,,,,,
    """
  static let contacts = """
    customer,reseller,contact,locale
    suedlicht,,buero@suedlicht.example,de
    ,reisser,support@reisser.example,en
    """

  init(needsReport: Bool = false, decidesFrom: Instant = .distantPast) {
    var settings = Engine.Settings()
    settings.needsReport = needsReport
    settings.relapseNeedsStaff = true
    settings.notifies = true
    settings.ownUID = 990
    engine = freshEngine(
      settings, accounts: Self.accounts, contacts: Self.contacts, decidesFrom: decidesFrom)
  }

  /// Reads what the story has got since the last time.
  func readOn() {
    var event = LogEvent()
    for line in story.lines.dropFirst(read) {
      let bytes = Array(line.utf8)
      if parser.parse(bytes.span, into: &event) { engine.take(event, bytes.span) }
    }
    read = story.lines.count
  }

  /// Reads old lines, and follows what was decided on them.
  func warmUp(_ lines: [String], _ steps: [Transition]) {
    var event = LogEvent()
    var steps = steps[...]
    for line in lines {
      let bytes = Array(line.utf8)
      guard parser.parse(bytes.span, into: &event) else { continue }
      while let step = steps.first, step.time <= event.time {
        engine.follow(step)
        steps.removeFirst()
      }
      engine.take(event, bytes.span)
    }
    for step in steps { engine.follow(step) }
  }

  func steal(_ login: String, from address: String = "203.0.113.9") {
    story.spam(login, count: 20, from: address)
    readOn()
  }

  /// - Parameter time: where it was another than that at which it is heard of.
  func change(
    _ account: String, from address: String? = nil, at time: Instant? = nil,
    earliest: Instant? = nil
  ) {
    readOn()
    engine.take(.tick(story.now))
    engine.renew(
      account, from: address.flatMap { NetworkAddress($0) }, at: time ?? story.now,
      earliest: earliest)
  }

  func done(_ kind: Events.Order.Kind, _ number: Int = 1) {
    engine.outcome(true, of: number, kind, "seen", at: story.now)
  }

  func obey(_ order: Engine.Order, _ name: String) -> String? {
    engine.obey(order, name, reason: "x", actor: "uid 0", at: story.now)
  }

  func isInside(_ address: String, of number: Int) -> Bool {
    engine.isInside(address, of: number)
  }

  func report(_ number: Int) { engine.take(.report(caseNumber: number, at: story.now)) }

  var renewals: [(mailbox: String, isRenewed: Bool, isWaived: Bool)] { engine.renewals(of: 1) }

  func facts(_ number: Int) -> NoticeFacts? { engine.noticeFacts(.suspended, of: number) }

  func actions(_ number: Int = 1) -> [Transition.Action] {
    engine.transitions.filter { $0.caseNumber == number }.map(\.action)
  }
}
