import Engine
import Events
import Policy
import Store

/// Answers to operators' commands. Everything that changes something needs a reason.
extension EngineLoop {
  func answer(_ request: OperatorRequest, actor: String) -> OperatorReply {
    let reason = reason(request)
    if request.command.needsReason, reason == nil { return Self.noReason }
    switch request.command {
    case .status: return reply(.status(status))
    case .cases:
      return reply(
        .cases(request.withClosed == true ? engine.knownCases : engine.openCases), dryRemark)
    case .case: return detail(request.number ?? 0)
    case .reload: return reload()
    case .poll:
      onPoll()
      return OperatorReply(
        isDone: true,
        text:
          "queue, password sources and directory are looked at, as far as they are set; 'sperrwerk status' "
          + "names what cannot be")
    case .pause, .resume:
      feed(.pause(request.command == .pause, reason: reason ?? "", actor: actor, at: clock.now))
      return ordered(request, nil)
    case .restoreAll, .releaseAll: return undo(request, reason ?? "", actor: actor)
    case .suspend, .hold, .restore, .release, .dismiss, .waive:
      return obey(request, reason ?? "", actor: actor)
    case .incident, .report, .day: return answerForm(request)
    case .lists: return reply(.lists(engine.listReport))
    case .allow: return allow(request, reason ?? "", actor: actor)
    case .disallow: return disallow(request, reason ?? "", actor: actor)
    case .explain: return explain(request)
    case .forget: return forget(request, reason ?? "", actor: actor)
    // They are taken before, and answered by a task.
    case .backup, .queueList, .queueRelease, .queueDelete, .queueKeep:
      return Self.notTaken(request.command)
    }
  }

  static func notTaken(_ command: OperatorRequest.Command) -> OperatorReply {
    OperatorReply(isDone: false, text: "'\(command.rawValue)' is not taken here")
  }

  static let noReason = OperatorReply(
    isDone: false, text: "give a reason: --reason \"…\"; it stands in the ledger")

  /// What stands in the ledger: one line, not empty, no longer than a screen.
  func reason(_ request: OperatorRequest) -> String? {
    request.reason.flatMap { reason in
      reason.allSatisfy(\.isWhitespace) ? nil : String(reason.prefix(500))
    }
  }

  func reply(_ data: OperatorData, _ text: String = "") -> OperatorReply {
    OperatorReply(isDone: true, text: text, data: data)
  }

  func ordered(_ request: OperatorRequest, _ number: Int?, remarks: [String] = [])
    -> OperatorReply
  {
    let words = [request.command.rawValue, request.subject, number.map { "(case \($0))" }]
    let order = "ordered: \(words.compactMap { $0 }.joined(separator: " "))"
    return reply(
      .order(
        OrderReport(
          command: request.command, subject: request.subject, caseNumber: number, remarks: remarks)),
      ([order] + remarks.map { "  \($0)" }).joined(separator: "\n"))
  }

  /// What an operator may not know of a subject; the order is carried out all the same.
  private func remarks(_ order: Engine.Order, _ subject: String) -> [String] {
    var remarks: [String] = []
    if isDry { remarks.append(dryRemark) }
    guard order == .suspend || order == .hold else { return remarks }
    if !engine.knows(subject) {
      remarks.append(Self.unknownRemark)
    }
    if let protection = engine.protection(of: subject) {
      remarks.append("policies leave it alone, an order does not: \(protection)")
    }
    return remarks
  }

  static let unknownRemark = "no log line and no table has this name: is it written well?"

  var dryRemark: String { isDry ? "a dry run: Postfix is not touched" : "" }

  private func obey(_ request: OperatorRequest, _ reason: String, actor: String) -> OperatorReply {
    let order = Engine.Order(rawValue: request.command.rawValue)
    if let order, let customer = request.customer {
      return orderAll(order, ofCustomer: customer, request, reason, actor: actor)
    }
    guard let order, let subject = request.subject
    else { return OperatorReply(isDone: false, text: "name a login, or a website as uid:5012") }
    let (before, remarks) = (engine.caseNumber(of: subject), remarks(order, subject))
    if let problem = feed(
      .order(order, subject: subject, reason: reason, actor: actor, at: clock.now))
    {
      return OperatorReply(isDone: false, text: problem)
    }
    return ordered(request, engine.caseNumber(of: subject) ?? before, remarks: remarks)
  }

  /// Undoes what a policy did since a time; first it only says what it would undo.
  private func undo(_ request: OperatorRequest, _ reason: String, actor: String) -> OperatorReply {
    guard let policy = request.policy, let since = request.since else {
      return OperatorReply(
        isDone: false, text: "say which: --policy NAME --since 2026-11-24T03:00:00Z")
    }
    let found = engine.stopped(
      by: policy, since: since, heldOnly: request.command == .releaseAll)
    let names = deciding.policies.policies.map(\.name)
    guard names.contains(policy) || !found.isEmpty else {
      return OperatorReply(
        isDone: false, text: "no policy '\(policy)'; \(NearMiss.remedy(policy, among: names))")
    }
    let isMeant = request.isMeant == true
    guard !found.isEmpty else {
      return reply(
        .undo(UndoReport(subjects: [], isOrdered: isMeant)),
        "nobody is stopped whom \(policy) has stopped since then")
    }
    if isMeant {
      for one in found {
        feed(.order(.restore, subject: one.subject, reason: reason, actor: actor, at: clock.now))
      }
    }
    return reply(
      .undo(UndoReport(subjects: found, isOrdered: isMeant)),
      isMeant ? "ordered: restore \(found.count)" : "would restore \(found.count)")
  }

  // MARK: Reports

  private var status: StatusReport {
    var report = StatusReport()
    report.mode = settings.flag("dry_run") ? .dryRun : .acting
    report.pause = engine.pause
    report.linesRead = lineCount
    report.startedAt = startedAt
    report.engineTime = engine.now
    report.subjects = engine.subjectCount
    report.held = engine.stopped.count { $0.isHeld }
    report.suspended = engine.stopped.count - report.held
    (report.messages, report.unattributed) = engine.outgoing
    report.unattributedShare =
      report.messages == 0 ? 0 : Double(report.unattributed) / Double(report.messages)
    report.sources = sourceReports
    report.failingPolicies = engine.statistics.failures.sorted { $0.key < $1.key }.map {
      .init(name: $0.key, problem: $0.value)
    }
    report.faults = faults
    report.ordersInFlight = inFlight.count
    return report
  }

  private func detail(_ number: Int) -> OperatorReply {
    guard engine.hasCase(number), let steps = try? store.transitions(of: number) else {
      return Self.noCase(number)
    }
    return reply(.case(engine.detail(number, steps: steps)), dryRemark)
  }
}
