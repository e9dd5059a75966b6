package import Events

/// What operators are shown of the cases.
extension Engine {
  /// Those that are not over, in the order of their numbers.
  package var openCases: [CaseSummary] {
    cases.cases.filter { $0.isOpen && !$0.transitions.isEmpty }.map { summary($0.number) }
  }

  /// All that the ledger still has.
  package var knownCases: [CaseSummary] {
    cases.cases.filter { !$0.transitions.isEmpty }.map { summary($0.number) }
  }

  /// Whether there is a case of this number, open or over.
  package func hasCase(_ number: Int) -> Bool {
    cases.knows(number) && !cases[number].transitions.isEmpty
  }

  package func summary(_ number: Int) -> CaseSummary {
    let found = cases[number]
    let steps = found.transitions
    let stops: Set<Transition.Action> = [.hold, .suspend]
    let stop = steps.last { stops.contains($0.action) } ?? steps.first
    let last = steps.last { $0.orderKind.map { !$0.isNotice } ?? false }
    var summary = CaseSummary(
      number: number, state: found.state, subject: found.subjectName,
      policy: found.policy.isEmpty ? nil : found.policy, openedAt: found.openedAt,
      stoppedAt: found.stoppedAt, reason: stop?.reason ?? "")
    if let last, !stops.contains(last.action) { summary.outcome = .init(last) }
    summary.incident = found.incident
    // The place of a subject that is gone may be another's.
    if subjects[found.subject].name == found.subjectName {
      summary.customer = subjects.customerName(of: found.subject)
      summary.reseller = subjects.resellerName(of: found.subject)
    }
    summary.counts.mailsBefore = found.mailsBefore
    summary.counts.messagesSince = found.since.messages
    summary.counts.recipientsSince = found.since.recipients
    summary.counts.addressesSince = found.since.addresses.count
    summary.counts.networksSince = found.since.networks.count
    return summary
  }

  /// - Parameter steps: as the ledger has them.
  package func detail(_ number: Int, steps: [Transition]) -> CaseDetail {
    var detail = CaseDetail(summary: summary(number), steps: steps.map(CaseDetail.Step.init))
    detail.members = members(of: number)
    detail.stillTried = tries(of: detail.summary.subject).prefix(20).map {
      CaseDetail.Attempt(
        address: $0.address?.description ?? "other addresses", count: $0.count, last: $0.last)
    }
    if cases[number].state == .held { detail.braked = cases[number].braked }
    detail.settings = settings(of: cases[number].policy)
    return detail
  }

  /// The case and the others of its incident that wait with it, and what each still lacks; also the mailboxes
  /// that only share its evidence.
  package func members(of number: Int) -> [CaseDetail.Member] {
    let numbers = members(number)
    let waived = numbers.reduce(into: Set<String>()) { $0.formUnion(cases[$1].waived) }
    var list = numbers.map { one in
      var member = CaseDetail.Member(
        caseNumber: one, subject: cases[one].subjectName, state: cases[one].state)
      (member.reportedAt, member.renewedAt) = (cases[one].reportedAt, cases[one].renewedAt)
      member.isWaived = waived.contains(member.subject)
      return member
    }
    for one in numbers {
      for name in cases[one].sharing.sorted() where !list.contains(where: { $0.subject == name }) {
        var member = CaseDetail.Member(caseNumber: one, subject: name, state: cases[one].state)
        (member.reportedAt, member.renewedAt) = (
          cases[one].reportedAt, cases[one].sharingRenewed[name]
        )
        member.isWaived = waived.contains(name)
        list.append(member)
      }
    }
    return list
  }
}
