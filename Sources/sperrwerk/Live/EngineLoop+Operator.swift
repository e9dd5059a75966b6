import Engine
import Events
import Policy
import Store

/// Answers to operators' commands. Everything that changes something needs a reason.
extension EngineLoop {
  func answer(_ request: OperatorRequest, actor: String) -> OperatorReply {
    switch request.command {
    case "status": return OperatorReply(isDone: true, text: status)
    case "cases": return OperatorReply(isDone: true, text: caseList)
    case "case": return caseText(request.number ?? 0)
    case "reload": return reload()
    case "pause", "resume":
      guard let reason = reason(request) else { return Self.noReason }
      engine.pause(
        request.command == "pause", reason: reason, actor: actor, at: EngineLoop.wallClock)
      return OperatorReply(isDone: true, text: "done")
    case "restore-all", "release-all": return restoreAll(request, actor: actor)
    default:
      guard let order = Engine.Order(rawValue: request.command), let subject = request.subject
      else { return OperatorReply(isDone: false, text: "no command '\(request.command)'") }
      guard let reason = reason(request) else { return Self.noReason }
      let problem = engine.obey(
        order, subject, reason: reason, actor: actor, at: EngineLoop.wallClock)
      return OperatorReply(isDone: problem == nil, text: problem ?? "ordered: \(order) \(subject)")
    }
  }

  static let noReason = OperatorReply(
    isDone: false, text: "give a reason: --reason \"…\"; it stands in the ledger")

  func reason(_ request: OperatorRequest) -> String? {
    request.reason.flatMap { reason in
      reason.allSatisfy(\.isWhitespace) ? nil : String(reason.prefix(500))
    }
  }

  /// Undoes what a policy did since a time; first it only says what it would undo.
  private func restoreAll(_ request: OperatorRequest, actor: String) -> OperatorReply {
    guard let policy = request.policy, let since = request.since.flatMap({ Instant(rfc3339: $0) })
    else {
      return OperatorReply(
        isDone: false, text: "say which: --policy NAME --since 2026-11-24T03:00:00Z")
    }
    guard let reason = reason(request) else { return Self.noReason }
    let names = engine.stopped(
      by: policy, since: since, heldOnly: request.command == "release-all")
    guard request.isMeant == true else {
      let list = names.map { "\n  \($0)" }.joined()
      return OperatorReply(
        isDone: true, text: "would restore \(names.count); say --yes to do it\(list)")
    }
    for name in names {
      _ = engine.obey(.restore, name, reason: reason, actor: actor, at: EngineLoop.wallClock)
    }
    return OperatorReply(isDone: true, text: "ordered: restore \(names.count)")
  }

  private var status: String {
    var lines = [
      "\(settings.flag("dry_run") ? "dry run: nothing is touched" : "acting")"
        + (engine.isPaused ? ", PAUSED" : ""),
      "\(Style.grouped(lineCount)) lines read, up to \(engine.now.rfc3339(digits: 0))",
      "\(engine.subjectCount) accounts and websites, \(engine.stopped.count) stopped",
    ]
    let outgoing = engine.outgoing
    lines.append(
      "\(Style.grouped(outgoing.messages)) messages, "
        + "\(Style.percent(outgoing.unattributed, of: outgoing.messages)) of them nobody's")
    lines += engine.statistics.failures.sorted { $0.key < $1.key }.map {
      "policy \($0.key) fails: \($0.value)"
    }
    lines += faults
    if !inFlight.isEmpty { lines.append("\(inFlight.count) orders are being carried out") }
    return lines.joined(separator: "\n")
  }

  private var caseList: String {
    let open = engine.cases.cases.filter { $0.isOpen && !$0.transitions.isEmpty }
    if open.isEmpty { return "no open case" }
    return open.map { found in
      let last = found.transitions.last { $0.orderKind != nil } ?? found.transitions[0]
      return "#\(found.number) \(found.state.rawValue) \(found.subjectName): \(last.reason)"
    }.joined(separator: "\n")
  }

  private func caseText(_ number: Int) -> OperatorReply {
    guard number > 0, let steps = try? store.transitions(of: number), !steps.isEmpty else {
      return OperatorReply(isDone: false, text: "there is no case \(number)")
    }
    var lines = ["case \(number): \(steps[0].subject ?? "")"]
    for step in steps {
      let by = step.policy.map { " by \($0)" } ?? step.actor.map { " by \($0)" } ?? ""
      lines.append("\(step.time.rfc3339(digits: 0)) \(step.action.rawValue)\(by): \(step.reason)")
      lines += step.evidence.map { "  \($0.file):\($0.line): \(Style.clipped($0.text, 160))" }
    }
    return OperatorReply(isDone: true, text: lines.joined(separator: "\n"))
  }

  /// Takes the policies anew; a set that is not well changes nothing.
  func reload() -> OperatorReply {
    let fresh = PolicySet(directory: settings["policies"])
    guard fresh.errors.isEmpty else {
      let why = fresh.errors.map { "\($0)" }.joined(separator: "\n")
      return OperatorReply(isDone: false, text: "the policies stay as they were:\n\(why)")
    }
    engine.adopt(fresh)
    return OperatorReply(isDone: true, text: "\(fresh.policies.count) policies are in force")
  }
}
