import Collectors
import Engine
import Events
import Policy

/// What an admin wants to know of a replay: what was read, whom it would have stopped, when and why.
struct Summary {
  private let replay: Replay

  init(_ replay: Replay) { self.replay = replay }

  func write(to output: inout Output) {
    writeSources(&output)
    writeCases(&output)
    writeAlerts(&output)
    writePolicies(&output)
    writeSpeed(&output)
  }

  // MARK: What was read

  private func writeSources(_ output: inout Output) {
    output.line(Style.bold("Read"))
    for log in replay.logs {
      let read = log.statistics
      output.line(
        "  \(log.fileName): \(NumberText.counted(read.lines, "line")), "
          + "\(NumberText.grouped(read.events)) of them events")
      if read.cutLines > 0 {
        output.line("    \(NumberText.counted(read.cutLines, "line")) too long, and cut")
      }
      if read.hasHalfLine {
        output.line("    the last line has no end and may be half-written: it was left out")
      }
    }
    for source in replay.others where source.statistics.events > 0 || replay.others.count < 4 {
      if source is QueueSnapshot { continue }
      output.line("  \(source.fileName): \(NumberText.grouped(source.statistics.events)) entries")
    }
    let snapshots = replay.snapshotCount
    if snapshots > 0 { output.line("  \(snapshots) queue snapshots") }
    for note in replay.notes { output.line(Style.red(OperatorText.wrapped(note, indent: 2))) }
    if !replay.hasGeo {
      output.line("  no --geo: countries are unknown; a place is then a network (/24, /64)")
    }
    let outgoing = replay.engine.outgoing
    tell(
      "\(NumberText.counted(outgoing.messages, "message")) sent from here; "
        + "\(NumberText.percent(outgoing.unattributed, of: outgoing.messages)) of them unattributed "
        + "(no login, no uid)", 2, &output)
    if replay.engine.hasUnknownUsers {
      tell("Exim's local users that no table of --sites names are among them", 2, &output)
    }
    let discounted = replay.engine.statistics.discounted
    if discounted > 0 {
      tell(
        "\(NumberText.counted(discounted, "result")) counted for nobody: everybody had the same trouble",
        2, &output)
    }
    if !replay.hasReports {
      tell("no --reports: a case counts as reported when its passwords are renewed", 2, &output)
    }
    let late = replay.engine.lateCount
    if late > 0 {
      tell("\(NumberText.counted(late, "event")) came too late for a window", 2, &output)
    }
  }

  /// Words within 80 columns.
  private func tell(_ text: String, _ indent: Int, _ output: inout Output) {
    output.line(OperatorText.wrapped(text, indent: indent))
  }

  // MARK: Cases

  private func writeCases(_ output: inout Output) {
    let cases = replay.engine.cases.cases
    output.line()
    output.line(Style.bold("Cases: \(cases.count)"))
    for one in cases {
      guard let first = one.transitions.first else { continue }
      let decided = one.transitions.first { $0.action == .suspend } ?? first
      let isSuspended = decided.action == .suspend
      let word =
        isSuspended ? "suspended" : decided.action == .hold ? "held" : decided.action.rawValue
      let head = "  #\(one.number) \(decided.time.rfc3339(digits: 0)) "
      let by = "by \(decided.policy ?? "-")"
      let width = "\(head)\(word) \(one.subjectName) \(by)".count
      output.line(
        head + (isSuspended ? Style.red(word) : word) + " " + Style.bold(one.subjectName)
          + (width > 80 ? "\n     " : " ") + by)
      tell(decided.reason, 5, &output)
      if !decided.readings.isEmpty {
        output.line(
          Style.dim(
            OperatorText.wrapped(
              decided.readings.map { "\($0.name)=\($0.value)" }.joined(separator: " "), indent: 5)))
      }
      for evidence in decided.evidence.prefix(3) {
        output.line(Style.dim("     \(evidence.file):\(evidence.line)"))
        let telling = Style.clipped(Self.telling(evidence.text), 140)
        output.line(Style.dim(OperatorText.wrapped(telling, indent: 7)))
      }
      tell(
        "\(NumberText.counted(one.mailsBefore, "mail")) got out in the 24 h before; "
          + "\(NumberText.grouped(one.since.messages)) would have been refused; now "
          + one.state.rawValue, 5, &output)
      let rest = one.transitions.filter {
        [.verified, .unverified, .restore, .release, .closed, .incident].contains($0.action)
      }
      for step in rest {
        tell("\(step.time.rfc3339(digits: 0)) \(step.action.rawValue): \(step.reason)", 5, &output)
      }
    }
    if replay.engine.cases.pendingTimers > 0 {
      let pending = NumberText.counted(replay.engine.cases.pendingTimers, "timer")
      output.line("  after the log's end falls due: \(pending)")
    }
  }

  /// Of a line with a refusal what the remote server said: by that it was judged.
  private static func telling(_ line: String) -> String {
    if let cut = line.firstRange(of: " … ") { return String(line[cut.upperBound...]) }
    guard let status = line.firstRange(of: " status="),
      let reply = line[status.upperBound...].firstRange(of: " (")
    else { return line }
    let said = line[reply.upperBound...]
    return String(said.last == ")" ? said.dropLast() : said)
  }

  private func writeAlerts(_ output: inout Output) {
    let alerts = replay.engine.transitions.filter {
      [.alert, .braked, .shadow].contains($0.action)
    }
    guard !alerts.isEmpty else { return }
    output.line()
    output.line(Style.bold("For the operator: \(alerts.count)"))
    for alert in alerts {
      let about = [alert.subject, alert.policy].compactMap { $0 }.joined(separator: " ")
      output.line("  \(alert.time.rfc3339(digits: 0)) \(alert.action.rawValue) \(about)")
      tell(alert.reason, 5, &output)
    }
  }

  // MARK: Policies and speed

  private func writePolicies(_ output: inout Output) {
    output.line()
    output.line(Style.bold("Policies"))
    let transitions = replay.engine.transitions
    for policy in replay.policies.policies {
      let own = transitions.filter { $0.policy == policy.name }
      let counts: [String] = [Transition.Action.hold, .suspend, .release, .alert, .braked, .shadow]
        .compactMap { action in
          let count = own.count { $0.action == action }
          return count > 0 ? "\(action.rawValue) \(count)" : nil
        }
      let decided = replay.engine.statistics.decisions[policy.name] ?? 0
      output.line(
        "  \(Style.padded(policy.name, 20)) decided \(Style.padded("\(decided)", 6)) \(counts.joined(separator: ", "))"
      )
      if let failure = replay.engine.statistics.failures[policy.name] {
        output.line(Style.red("    failed: \(failure)"))
      }
    }
  }

  private func writeSpeed(_ output: inout Output) {
    let lines = replay.logs.reduce(0) { $0 + $1.statistics.lines }
    let perSecond = replay.seconds > 0 ? Int(Double(lines) / replay.seconds) : 0
    output.line()
    tell(
      "\(NumberText.counted(lines, "line")) in \((replay.seconds * 100).rounded() / 100) s of CPU time, "
        + "\(NumberText.grouped(perSecond)) lines/s; Lua entered "
        + NumberText.counted(replay.policies.runtime.calls, "time"), 0, &output)
  }

  // MARK: JSON

  func writeJSON(to output: inout Output) {
    var json = JSONText()
    json.object { json in
      json.array("sources") { json in
        for log in replay.logs {
          json.object { json in
            json.field("file", log.fileName)
            json.field("lines", log.statistics.lines)
            json.field("events", log.statistics.events)
            json.field("cut_lines", log.statistics.cutLines)
          }
        }
      }
      json.array("notes") { json in for note in replay.notes { json.element(note) } }
      json.field("messages", replay.engine.statistics.messages)
      json.field("outgoing", replay.engine.outgoing.messages)
      json.field("unattributed", replay.engine.outgoing.unattributed)
      json.field("discounted", replay.engine.statistics.discounted)
      json.array("cases") { json in
        for one in replay.engine.cases.cases {
          json.object { json in
            json.field("case", one.number)
            json.field("subject", one.subjectName)
            json.field("policy", one.policy)
            json.field("state", one.state.rawValue)
            json.field("mails_before", one.mailsBefore)
            json.field("mails_refused", one.since.messages)
            json.array("transitions") { json in
              for step in one.transitions { DecisionsFile.write(step, &json) }
            }
          }
        }
      }
      json.array("policies") { json in
        for policy in replay.policies.policies {
          json.object { json in
            json.field("name", policy.name)
            json.field("decided", replay.engine.statistics.decisions[policy.name] ?? 0)
          }
        }
      }
      json.field("cpu_seconds", replay.seconds)
    }
    json.newline()
    output.write(json.bytes)
  }
}
