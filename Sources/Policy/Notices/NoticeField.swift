package import Events

/// What a notice's template may read of a case.
package enum NoticeField: String, CaseIterable, Sendable {
  case number, subject, policy, reason, networks, mailboxes, link, help, clock, year, month, day
  case zone
  case isSite = "is_site"
  case isRelapse = "is_relapse"
  case mailboxCount = "mailbox_count"
  case hasContact = "has_contact"
  case isInside = "is_inside"
  case isRestored = "is_restored"
}

/// What a template may read of a digest.
package enum DigestField: String, CaseIterable, Sendable {
  case count, lines, help
  case isRestored = "is_restored"
  case isInside = "is_inside"
  case hasSites = "has_sites"
  case hasMailboxes = "has_mailboxes"
}

/// Several cases of one kind as a template sees them: all of them have a link, or none.
struct NoticeDigest {
  var cases: [NoticeCase]
  /// What `line` says of each.
  var lines: [String]

  func value(of field: DigestField) -> WindowValue {
    switch field {
    case .count: .number(Double(cases.count))
    case .lines: .text(lines.joined(separator: "\n\n"))
    case .help: cases.first?.help.map { .text($0) } ?? .none
    case .isRestored: .flag(cases.first?.facts.kind == .restored)
    case .isInside: .flag(cases.contains(where: \.isInside))
    case .hasSites: .flag(cases.contains(where: \.facts.isSite))
    case .hasMailboxes: .flag(cases.contains { !$0.facts.isSite })
    }
  }
}

/// A case as a template sees it.
package struct NoticeCase: Sendable {
  package var facts: NoticeFacts
  /// Where the customer says that the passwords are renewed; nil in what whoever broke in may read.
  package var link: String?
  /// This copy may be read by whoever broke in.
  package var isInside: Bool
  /// How else to reach the provider.
  package var help: String?
  /// Offset from UTC of the times in the text.
  package var zone: TimeSpan

  package init(
    facts: NoticeFacts, link: String?, isInside: Bool, help: String?, zone: TimeSpan
  ) {
    (self.facts, self.isInside, self.help, self.zone) = (facts, isInside, help, zone)
    self.link = isInside ? nil : link
  }

  func value(of field: NoticeField) -> WindowValue {
    let time = CivilTime(Instant(microseconds: facts.suspendedAt), offset: zone)
    return switch field {
    case .number: .number(Double(facts.caseNumber))
    case .subject: .text(facts.subject)
    case .policy: .text(facts.policy)
    case .reason: .text(facts.reason)
    case .networks: facts.networks.isEmpty ? .none : .text(facts.networks.joined(separator: ", "))
    case .mailboxes: .text(facts.mailboxes.map { "  \($0)" }.joined(separator: "\n"))
    case .mailboxCount: .number(Double(facts.mailboxes.count))
    case .link: link.map { .text($0) } ?? .none
    case .help: help.map { .text($0) } ?? .none
    case .clock: .text("\(Self.two(time.hour)):\(Self.two(time.minute))")
    case .year: .number(Double(time.year))
    case .month: .number(Double(time.month))
    case .day: .number(Double(time.day))
    case .zone: .text(zoneName)
    case .isSite: .flag(facts.isSite)
    case .isRelapse: .flag(facts.isRelapse)
    case .isInside: .flag(isInside)
    case .isRestored: .flag(facts.kind == .restored)
    case .hasContact: .flag(facts.contacts.contains { !$0.isInside })
    }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private var zoneName: String {
    if zone == .zero { return "UTC" }
    let minutes = abs(zone.seconds) / 60
    return
      "UTC\(zone < .zero ? "-" : "+")\(Self.two(Int(minutes / 60))):\(Self.two(Int(minutes % 60)))"
  }
}
