import Events

extension OperatorText {
  static func write(_ report: StatusReport, _ output: inout Output) {
    let mode = report.mode == .dryRun ? "dry run: nothing is touched" : "acting"
    output.line(Style.bold(mode) + (report.pause == nil ? "" : Style.red(", PAUSED")))
    if let pause = report.pause {
      let why = "paused since \(pause.since.rfc3339(digits: 0)) by \(pause.actor): \(pause.reason)"
      output.line(Style.red(wrapped(why, indent: 2, first: 0)))
    }
    output.line(
      "\(NumberText.counted(report.linesRead, "line")) read since the start"
        + (report.startedAt.map { " \($0.rfc3339(digits: 0))" } ?? ""))
    output.line("decided up to \(report.engineTime.rfc3339(digits: 0))")
    output.line(
      "\(NumberText.grouped(report.subjects)) accounts and websites, "
        + "\(report.suspended + report.held) \(report.mode == .dryRun ? "would be " : "")stopped: "
        + "\(report.suspended) suspended, "
        + "\(report.held) held")
    output.line(
      "\(NumberText.counted(report.messages, "message")), "
        + "\(NumberText.percent(report.unattributed, of: report.messages)) of them nobody's")
    for source in report.sources { write(source, &output) }
    for policy in report.failingPolicies {
      output.line(
        Style.red(wrapped("policy \(policy.name) fails: \(policy.problem)", indent: 2, first: 0)))
    }
    for fault in report.faults { output.line(Style.red(wrapped(fault, indent: 2, first: 0))) }
    if report.ordersInFlight > 0 {
      let count = NumberText.counted(report.ordersInFlight, "order")
      output.line("\(count) to be carried out")
    }
  }

  private static func write(_ source: StatusReport.Source, _ output: inout Output) {
    let last = source.lastEvent.map { ", last event \($0.rfc3339(digits: 0))" } ?? ""
    output.line("  \(source.name): \(NumberText.counted(source.lines, "line"))\(last)")
    if let fault = source.fault { output.line(Style.red(wrapped(fault, indent: 4))) }
  }
}
