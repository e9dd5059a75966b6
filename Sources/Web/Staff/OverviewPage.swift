import Events

/// The first page of the staff, for the template.
struct OverviewPage {
  struct Row {
    let number: Int
    let subject, state, look, reason, by: String
    let since, counts: String?
  }

  struct Source {
    let name, lines, last, look: String
    let fault: String?
  }

  /// Rows at the most: a page with a thousand of them is no overview.
  private static let most = 200

  let frame: StaffFrame
  let headline, summary, pauseTitle: String
  let isDry: Bool
  let paused: String?
  let troubles: [String]
  let plot: DayPlot
  let cases: [Row]
  let hidden: String?
  let sources: [Source]
  let byHand, pause: StaffAction

  init(
    frame: StaffFrame, status: StatusReport, cases: [CaseSummary], day: DayReport,
    times: ShownTime, now: Instant
  ) {
    self.frame = frame
    isDry = status.mode == .dryRun
    paused = status.pause.map { pause in
      "paused \(times.short(pause.since, now: now)) by \(Shown.text(pause.actor, limit: 60)): "
        + "\(Shown.text(pause.reason)). Nothing happens by itself."
    }
    headline = Self.headline(status)
    summary = Self.summary(status)
    troubles =
      status.faults.map { Shown.text($0) }
      + status.failingPolicies.map {
        "Policy \(Shown.text($0.name, limit: 60)) fails: \(Shown.text($0.problem))"
      }
    plot = DayPlot(day, times: times)
    let newest = cases.sorted { ($0.stoppedAt ?? $0.openedAt) > ($1.stoppedAt ?? $1.openedAt) }
    self.cases = newest.prefix(Self.most).map { Self.row($0, times, now) }
    hidden =
      cases.count > Self.most
      ? "\(cases.count - Self.most) older ones are not shown; 'sperrwerk cases' lists all." : nil
    sources = status.sources.map { Self.source($0, now) }
    byHand = StaffAction(
      id: "hand", check: frame.check, back: "/staff", asksSubject: true,
      buttons: [.init(.suspend, "Suspend", isMain: true), .init(.hold, "Hold")])
    pauseTitle = status.pause != nil ? "Let the machine go on" : "Stop the machine"
    pause = StaffAction(
      id: "pause", check: frame.check, back: "/staff",
      buttons: [
        status.pause != nil
          ? .init(.resume, "Let all automatic actions go on", isMain: true)
          : .init(.pause, "Pause all automatic actions")
      ])
  }

  private static func headline(_ status: StatusReport) -> String {
    let stopped = status.suspended + status.held
    return switch stopped {
    case 0: "Nobody is stopped"
    case 1: "One sender is stopped"
    default: "\(stopped) senders are stopped"
    }
  }

  private static func summary(_ status: StatusReport) -> String {
    var parts = [
      "\(status.suspended) suspended, \(status.held) held",
      "\(NumberText.counted(status.messages, "message")) seen, \(NumberText.percent(status.unattributedShare)) of them nobody's",
    ]
    if status.ordersInFlight > 0 {
      parts.append("\(NumberText.counted(status.ordersInFlight, "order")) under way")
    }
    return parts.joined(separator: " · ")
  }

  private static func row(_ found: CaseSummary, _ times: ShownTime, _ now: Instant) -> Row {
    Row(
      number: found.number, subject: Shown.text(found.subject, limit: 100),
      state: found.state.rawValue, look: StaffLook.of(found.state),
      reason: Shown.reason(found, limit: 200),
      by: found.policy.map { "by \(Shown.text($0, limit: 60))" } ?? "by hand",
      since: found.stoppedAt.map { time in
        (found.state.isStopped ? "since " : "was stopped ")
          + times.short(time, now: now)
      },
      counts: found.counts.messagesSince > 0
        ? "\(NumberText.counted(found.counts.messagesSince, "mail")) tried since" : nil)
  }

  private static func source(_ source: StatusReport.Source, _ now: Instant) -> Source {
    Source(
      name: Shown.text(source.name, limit: 120), lines: NumberText.grouped(source.lines),
      last: source.lastEvent.map { Shown.age(now - $0) } ?? "–",
      look: source.fault == nil ? "done" : "bad", fault: source.fault.map { Shown.text($0) })
  }
}

extension Shown {
  /// Why it was stopped, and what opened it again.
  static func reason(_ found: CaseSummary, limit: Int) -> String {
    guard let outcome = found.outcome else { return text(found.reason, limit: limit) }
    let by = outcome.actor.map { " by \(text($0, limit: 60))" } ?? ""
    return "\(text(found.reason, limit: limit)) · \(outcome.action.rawValue)\(by): "
      + text(outcome.reason, limit: limit)
  }
}

/// How states look: stopped ones stand out, what is over does not.
enum StaffLook {
  static func of(_ state: CaseState) -> String {
    state.isStopped ? "is-bad" : ""
  }
}
