import Events

/// One case for the staff, for the template.
struct CasePage {
  struct Member {
    let number: Int
    let subject, look, renewal, report: String
  }

  struct Step {
    struct Evidence { let place, text: String }
    let number: Int
    let time, action, by, reason, look: String
    let due, readings: String?
    let hasEvidence: Bool
    let evidenceTitle: String
    let evidence: [Evidence]
  }

  struct Tried { let address, count, last: String }

  let frame: StaffFrame
  let number: Int
  let subject, state, look, reason: String
  let since, owners, counts, braked: String?
  let action: StaffAction
  let hasMembers, hasTried: Bool
  let members: [Member]
  let steps: [Step]
  let tried: [Tried]
  let queue: QueuePart?
  let queueProblem: String?

  init(
    frame: StaffFrame, detail: CaseDetail, queue reply: OperatorReply, times: ShownTime,
    now: Instant
  ) {
    let summary = detail.summary
    self.frame = frame
    number = summary.number
    subject = Shown.text(summary.subject, limit: 120)
    (state, look) = (summary.state.rawValue, StaffLook.of(summary.state))
    reason = Shown.reason(summary, limit: 500)
    since = summary.stoppedAt.map { time in
      (summary.state.isStopped ? "stopped since " : "was stopped ")
        + times.short(time, now: now)
    }
    owners = Self.owners(summary)
    counts = Self.counts(summary.counts)
    braked = detail.braked.map { Shown.text($0, limit: 300) }
    action = Self.action(detail, frame.check)
    // What each still lacks concerns nobody once sending is open.
    members = detail.members.map { Self.member($0, times, now) }
    hasMembers = !members.isEmpty && summary.state.isStopped
    steps = detail.steps.reversed().map { Self.step($0, times, now) }
    tried = detail.stillTried.prefix(50).map {
      Tried(
        address: Shown.text($0.address, limit: 60), count: NumberText.grouped($0.count),
        last: Shown.age(now - $0.last))
    }
    hasTried = !tried.isEmpty
    if case .queue(let listing) = reply.data {
      queue = QueuePart(listing, summary, frame.check, times, now)
      queueProblem = nil
    } else {
      (queue, queueProblem) = (nil, Shown.text(reply.text, limit: 500))
    }
  }

  private static func owners(_ summary: CaseSummary) -> String? {
    let parts = [
      summary.customer.map { "customer \(Shown.text($0, limit: 60))" },
      summary.reseller.map { "reseller \(Shown.text($0, limit: 60))" },
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private static func counts(_ counts: CaseSummary.Counts) -> String? {
    if counts.mailsBefore == 0, counts.messagesSince == 0 { return nil }
    return "\(NumberText.counted(counts.mailsBefore, "mail")) within the 24 hours before; "
      + "since then "
      + "\(NumberText.counted(counts.messagesSince, "mail")) tried, "
      + "to \(NumberText.counted(counts.recipientsSince, "recipient")), "
      + "from \(NumberText.counted(counts.addressesSince, "address", "addresses"))"
  }

  private static func action(_ detail: CaseDetail, _ check: String) -> StaffAction {
    let summary = detail.summary
    let isStopped = summary.state.isStopped
    var buttons: [StaffAction.Button] = []
    if isStopped { buttons.append(.init(.restore, "Open sending again", isMain: true)) }
    if summary.state == .held { buttons.append(.init(.suspend, "Suspend")) }
    if !isStopped {
      buttons += [.init(.suspend, "Suspend", isMain: true), .init(.hold, "Hold")]
    }
    let own = detail.members.first { $0.caseNumber == summary.number }
    if isStopped, detail.members.count > 1, own?.isWaived == false, own?.renewedAt == nil {
      buttons.append(.init(.waive, "Waive its renewal"))
    }
    if isStopped || summary.state == .watched {
      buttons.append(.init(.dismiss, "Dismiss: a false alarm"))
    }
    return StaffAction(
      id: "case", check: check, back: "/staff/case/\(summary.number)", subject: summary.subject,
      buttons: buttons)
  }

  private static func member(
    _ member: CaseDetail.Member, _ times: ShownTime, _ now: Instant
  ) -> Member {
    Member(
      number: member.caseNumber, subject: Shown.text(member.subject, limit: 100),
      look: member.renewedAt != nil || member.isWaived ? "done" : "open",
      renewal: member.isWaived
        ? "needs no renewal"
        : member.renewedAt.map { "password renewed \(times.short($0, now: now))" }
          ?? "password not renewed yet",
      report: member.reportedAt.map { "reported \(times.short($0, now: now))" }
        ?? "not reported yet")
  }

  private static func step(
    _ step: CaseDetail.Step, _ times: ShownTime, _ now: Instant
  ) -> Step {
    let by = step.policy.map { "by \($0)" } ?? step.actor.map { "by \($0)" } ?? ""
    return Step(
      number: step.number, time: times.short(step.time, now: now), action: step.action.rawValue,
      by: Shown.text(by, limit: 80), reason: Shown.text(step.reason, limit: 600),
      look: look(step.action), due: step.due.map { "ends by itself \(times.short($0, now: now))" },
      readings: step.readings.isEmpty
        ? nil
        : Shown.text(
          step.readings.map { "\($0.name) = \($0.value)" }.joined(separator: "   "), limit: 600),
      hasEvidence: !step.evidence.isEmpty,
      evidenceTitle: step.evidence.count == 1 ? "One log line" : "\(step.evidence.count) log lines",
      evidence: step.evidence.prefix(50).map {
        .init(
          place: "\(Shown.text($0.file, limit: 120)):\($0.line)",
          text: Shown.text($0.text, limit: 500))
      })
  }

  private static func look(_ action: Transition.Action) -> String {
    switch action {
    case .suspend, .hold, .failed, .unverified, .alert, .braked, .pause: "is-bad"
    case .done, .verified, .restore, .release, .dismiss, .closed: "done"
    default: ""
    }
  }
}

/// What a subject has in the mail queue, as its case shows it: to whom, and what the servers said, not what is in it.
struct QueuePart {
  struct Message {
    let id, queue, arrived, size, recipients: String
    let reply: String?
  }

  /// Messages shown at the most.
  private static let most = 50

  let summary: String
  let deletion, more: String?
  let hasMessages: Bool
  let messages: [Message]
  /// Of another name than the case's own: a template that finds none here looks further out.
  let queueAction: StaffAction?

  init(
    _ listing: QueueListing, _ found: CaseSummary, _ check: String, _ times: ShownTime,
    _ now: Instant
  ) {
    let held = listing.messages.count { $0.queue == "hold" }
    summary =
      listing.messages.isEmpty
      ? "Nothing is queued."
      : "\(NumberText.counted(listing.messages.count, "message")), \(NumberText.grouped(held)) on hold."
    deletion = listing.deletion.map {
      "\(NumberText.counted($0.messages, "message")) to be deleted \(times.short($0.due, now: now)), as "
        + "\(Shown.text($0.actor, limit: 80)) ordered: \(Shown.text($0.reason))"
    }
    hasMessages = !listing.messages.isEmpty
    // What can be released or deleted comes first.
    let ordered =
      listing.messages.filter { $0.queue == "hold" }
      + listing.messages.filter { $0.queue != "hold" }
    messages = ordered.prefix(Self.most).map { Self.message($0, times, now) }
    more =
      listing.messages.count > Self.most
      ? "\(NumberText.grouped(listing.messages.count - Self.most)) more; 'sperrwerk queue list' shows all."
      : nil
    var buttons: [StaffAction.Button] = []
    if held > 0 { buttons.append(.init(.queueRelease, "Release what is on hold")) }
    if held > 0, listing.deletion == nil { buttons.append(.init(.queueDelete, "Delete it")) }
    if listing.deletion != nil { buttons.append(.init(.queueKeep, "Keep it", isMain: true)) }
    queueAction =
      buttons.isEmpty
      ? nil
      : StaffAction(
        id: "queue", title: listing.deletion == nil ? "Release or delete" : "Keep or release",
        check: check, back: "/staff/case/\(found.number)", subject: found.subject,
        buttons: buttons)
  }

  private static func message(
    _ message: QueueListing.Message, _ times: ShownTime, _ now: Instant
  ) -> Message {
    let names = message.recipients.prefix(3).map { Shown.text($0.address, limit: 80) }
    let more = message.recipients.count - names.count
    return Message(
      id: Shown.text(message.id, limit: 40), queue: Shown.text(message.queue, limit: 20),
      arrived: times.short(message.arrivedAt, now: now), size: Shown.size(message.sizeBytes),
      recipients: names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""),
      reply: message.recipients.first?.reply.map { Shown.text($0, limit: 200) })
  }
}
