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
    number > 0 && number <= cases.cases.count && !cases[number].transitions.isEmpty
  }

  package func summary(_ number: Int) -> CaseSummary {
    let found = cases[number]
    let last = found.transitions.last { $0.orderKind != nil } ?? found.transitions.first
    var summary = CaseSummary(
      number: number, state: found.state, subject: found.subjectName,
      policy: found.policy.isEmpty ? nil : found.policy, openedAt: found.openedAt,
      stoppedAt: found.stoppedAt, reason: last?.reason ?? "")
    summary.incident = found.incident
    // The place of a subject that is gone may be another's.
    if found.subject >= 0, subjects[found.subject].name == found.subjectName {
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

  /// The case and the others of its incident that wait with it, and what each still lacks.
  package func members(of number: Int) -> [CaseDetail.Member] {
    let incident = cases[number].incident
    return cases.cases.filter {
      $0.number == number || (incident != nil && $0.incident == incident && $0.isSuspended)
    }.map { found in
      var member = CaseDetail.Member(
        caseNumber: found.number, subject: found.subjectName, state: found.state)
      (member.reportedAt, member.renewedAt) = (found.reportedAt, found.renewedAt)
      member.isWaived = found.isWaived
      return member
    }
  }
}
