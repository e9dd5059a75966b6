package import Events

/// What the contact form shows and does.
extension Engine {
  /// The cases that are restored together with one; nil where there is no such case, or its account is forgotten.
  package func incident(of number: Int) -> IncidentReport? {
    guard cases.knows(number) else { return nil }
    let incident = cases[number].incident
    let members = cases.cases.filter {
      $0.number == number || (incident != nil && $0.incident == incident)
    }
    let needsStaff = settings.relapseNeedsStaff
    // Mailboxes that only share the evidence have no case of their own, and are renewed too.
    let sharing = members.flatMap { found in
      found.sharing.sorted().filter { name in !members.contains { $0.subjectName == name } }.map {
        Self.sharing($0, found, relapseNeedsStaff: needsStaff)
      }
    }
    return IncidentReport(
      members: members.map { Self.member($0, relapseNeedsStaff: needsStaff) } + sharing)
  }

  private static func member(_ found: Case, relapseNeedsStaff: Bool) -> IncidentReport.Member {
    var member = IncidentReport.Member(
      caseNumber: found.number, subject: found.subjectName)
    member.stoppedAt = found.stoppedAt
    member.isHeld = found.state == .held
    member.isReported = found.reportedAt != nil
    member.renewedAt = found.renewedAt
    member.isWaived = found.isWaived
    member.isOpen = !found.isStopped
    let isSite = Standing.uid(found.subjectName) != nil
    let wasRefused = found.needsStaff && (relapseNeedsStaff || found.renewedAt == nil)
    let isRelapse = found.isRelapse && relapseNeedsStaff && found.renewedAt != nil
    // Nothing tells when a website's hole is closed.
    member.needsStaff =
      found.isStopped && found.reportedAt != nil && (wasRefused || isRelapse || isSite)
    return member
  }

  private static func sharing(_ name: String, _ found: Case, relapseNeedsStaff: Bool)
    -> IncidentReport.Member
  {
    var member = member(found, relapseNeedsStaff: relapseNeedsStaff)
    member.subject = name
    member.renewedAt = found.sharingRenewed[name]
    return member
  }

  /// The customer says by the form that the passwords are renewed: for all cases of the incident.
  /// - Returns: why it cannot be noted; nil where it is.
  mutating func reportRenewal(_ number: Int, at time: Instant) -> String? {
    advance(to: time)
    guard let report = incident(of: number) else { return "there is no case \(number)" }
    // A page of an earlier case says nothing of a later one of the same account.
    for member in report.members {
      let subject = cases[member.caseNumber].subject
      if subjects[subject].openCase == Int32(member.caseNumber) { reported(subject) }
    }
    return nil
  }

  /// The counts of the last day of engine time.
  package var dayReport: DayReport {
    let begin = now.seconds / DayCounts.slotSeconds - Int64(DayCounts.slots) + 1
    return DayReport(
      begins: Instant(seconds: begin * DayCounts.slotSeconds),
      slots: day.day(before: now).map {
        .init(rejections: $0.rejections, suspensions: $0.suspensions)
      })
  }
}
