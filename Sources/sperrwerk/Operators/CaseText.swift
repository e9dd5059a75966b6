import Events

extension OperatorText {
  static func write(_ cases: [CaseSummary], _ output: inout Output) {
    if cases.isEmpty { output.line("no open case") }
    for one in cases {
      output.line(
        "#\(one.number) \(one.state.rawValue) \(Style.bold(Style.clipped(one.subject, 60)))"
          + (one.incident.map { " (incident \($0))" } ?? ""))
      let since = (one.stoppedAt ?? one.openedAt).rfc3339(digits: 0)
      output.line(
        wrapped("\(since) \(one.policy ?? "by hand"): \(Style.clipped(one.reason, 300))", indent: 3)
      )
      if let outcome = one.outcome {
        let by = outcome.actor.map { " by \($0)" } ?? ""
        let why = Style.clipped(outcome.reason, 300)
        output.line(
          wrapped(
            "\(outcome.time.rfc3339(digits: 0)) \(outcome.action.rawValue)\(by): \(why)", indent: 3)
        )
      }
    }
  }

  static func write(_ detail: CaseDetail, _ output: inout Output) {
    let one = detail.summary
    output.line(
      Style.bold("case \(one.number): \(Style.clipped(one.subject, 60)), \(one.state.rawValue)"))
    let owners = [one.customer.map { "customer \($0)" }, one.reseller.map { "reseller \($0)" }]
      .compactMap { $0 }
    if !owners.isEmpty { output.line("  " + owners.joined(separator: ", ")) }
    if let braked = detail.braked {
      output.line(
        wrapped(
          "a suspension that the brakes made a hold, until they allow it: \(braked)", indent: 2))
    }
    for step in detail.steps { write(step, &output) }
    if !detail.settings.isEmpty, let policy = one.policy {
      let settings = detail.settings.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
      output.line(wrapped("settings of \(policy): \(settings)", indent: 4, first: 0))
    }
    let counts = one.counts
    output.line(
      wrapped(
        "\(NumberText.counted(counts.mailsBefore, "mail")) in the 24 h before sending was stopped; since then "
          + "\(NumberText.grouped(counts.messagesSince)) more "
          + "to \(NumberText.counted(counts.recipientsSince, "recipient"))"
          + (counts.addressesSince == 0
            ? "" : " from \(NumberText.counted(counts.addressesSince, "address", "addresses"))")))
    for attempt in detail.stillTried {
      output.line(
        "  still tried from \(attempt.address): \(NumberText.counted(attempt.count, "time")), last "
          + attempt.last.rfc3339(digits: 0))
    }
    for member in detail.members where member.state.isStopped && one.stoppedAt != nil {
      write(member, &output)
    }
  }

  private static func write(_ step: CaseDetail.Step, _ output: inout Output) {
    let by = (step.actor ?? step.policy).map { " by \($0)" } ?? ""
    output.line("\(step.time.rfc3339(digits: 0)) \(Style.bold(step.action.rawValue))\(by)")
    output.line(wrapped(Style.clipped(step.reason, 600), indent: 2))
    if let due = step.due { output.line("  ends by itself at \(due.rfc3339(digits: 0))") }
    if !step.readings.isEmpty {
      output.line(
        Style.dim(
          wrapped(step.readings.map { "\($0.name)=\($0.value)" }.joined(separator: " "), indent: 2))
      )
    }
    for evidence in step.evidence {
      output.line(Style.dim("  \(evidence.file):\(evidence.line):"))
      output.line(Style.dim(wrapped(Style.clipped(evidence.text, 400), indent: 4)))
    }
  }

  /// What the way back still lacks.
  private static func write(_ member: CaseDetail.Member, _ output: inout Output) {
    if member.subject.hasPrefix("uid:") {
      output.line("  #\(member.caseNumber) \(member.subject): opened by an operator's word alone")
      return
    }
    let renewal =
      member.isWaived
      ? "needs no renewal, as an operator said"
      : member.renewedAt.map { "password renewed \($0.rfc3339(digits: 0))" }
        ?? "password not renewed yet"
    let report =
      member.reportedAt.map { "reported \($0.rfc3339(digits: 0))" } ?? "not reported yet"
    output.line(
      "  #\(member.caseNumber) \(Style.clipped(member.subject, 60)): \(renewal), \(report)")
  }
}
