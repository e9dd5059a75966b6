import Events

/// What the contact form shows, for the template.
struct FormPage {
  struct Row {
    let name: String
    let status: String
    let isSeen, isWaiting: Bool
    let since: String?
  }

  enum Stage { case stopped, reported, staff, open }

  let house: Pages.House
  let language, otherLanguage, otherLanguageName: String
  let check: String
  let texts: FormTexts
  let title, lead: String
  let isOpen, isStopped, isReported: Bool
  let rows: [Row]
  let style = Asset.stylePath

  init(
    _ incident: IncidentReport, _ language: Language, house: Pages.House, times: ShownTime,
    check: String
  ) {
    (self.house, self.check) = (house, check)
    self.language = language.rawValue
    otherLanguage = language.other.rawValue
    otherLanguageName = language == .german ? "English" : "Deutsch"
    let texts = FormTexts.of(language)
    let stage = Self.stage(incident)
    (isOpen, isStopped, isReported) = (stage == .open, stage == .stopped, stage == .reported)
    (title, lead) = texts.head(
      stage, since: incident.members.compactMap(\.stoppedAt).min().map { times.text($0, language) })
    rows = incident.members.map { Self.row($0, texts, times, language) }
    self.texts = texts
  }

  static func stage(_ incident: IncidentReport) -> Stage {
    if incident.members.allSatisfy(\.isOpen) { return .open }
    let closed = incident.members.filter { !$0.isOpen }
    if closed.contains(where: \.needsStaff) { return .staff }
    return closed.allSatisfy(\.isReported) ? .reported : .stopped
  }

  private static func row(
    _ member: IncidentReport.Member, _ texts: FormTexts, _ times: ShownTime, _ language: Language
  ) -> Row {
    let isSeen = member.isOpen || member.renewedAt != nil || member.isWaived
    let status =
      member.isOpen
      ? texts.sendingIsOpen
      : member.needsStaff
        ? texts.staffLooks
        : member.isWaived
          ? texts.noRenewal
          : member.renewedAt.map { "\(texts.renewalSeen), \(times.text($0, language))" }
            ?? texts.renewalNotSeen
    return Row(
      name: Shown.text(member.subject, limit: 120), status: status,
      isSeen: isSeen && !member.needsStaff, isWaiting: !isSeen || member.needsStaff,
      since: member.isOpen
        ? nil : member.stoppedAt.map { "\(texts.stoppedSince) \(times.text($0, language))" })
  }
}
