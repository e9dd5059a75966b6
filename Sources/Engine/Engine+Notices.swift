package import Events

/// Whom to tell of a case, and who of them may read what whoever broke in reads.
extension Engine {
  /// What a notice about a case says, and to whom it may go, as things stand now.
  /// - Returns: nil where there is nothing to tell any more: the case is forgotten, or its suspension over.
  package func noticeFacts(_ kind: NoticeFacts.Kind, of number: Int) -> NoticeFacts? {
    guard cases.knows(number), kind == .restored || cases[number].isSuspended else { return nil }
    let found = cases[number]
    let entry = entry(of: found.subject)
    let networks = Set(found.addresses.map(\.networkDescription)).sorted()
    return NoticeFacts(
      kind: kind, caseNumber: number, subject: found.subjectName,
      isSite: subjects[found.subject].isSite, policy: found.policy,
      reason: found.transitions.last { $0.action == .suspend }?.reason ?? "",
      suspendedAt: found.suspendedAt ?? found.openedAt, networks: Array(networks.prefix(10)),
      mailboxes: required(number), isRelapse: found.isRelapse,
      language: entry?.locale, contacts: contacts(of: number, entry))
  }

  /// What this service's own user hands over from nobody is a notice: no evidence, and nobody's mail.
  mutating func isOwnNotice(_ event: borrowing LogEvent, _ line: Span<UInt8>) -> Bool {
    guard event.service == .pickup, settings.ownUID >= 0, event.uid == settings.ownUID,
      !event.envelopeSender.hasText
    else { return false }
    var own = copy event
    own.nextQueueID = event.queueID
    attribution.systemMessage(own, line, at: now)
    return true
  }

  private func entry(of subject: Int32) -> Directory.Entry? {
    subjects[subject].isSite
      ? directory.sites[subjects[subject].uid] : directory.accounts[subjects[subject].name]
  }

  /// Mailbox, customer, reseller: nearest first, none twice.
  private func contacts(of number: Int, _ entry: Directory.Entry?) -> [NoticeFacts.Contact] {
    var found: [Directory.Contact] = []
    if let entry {
      found += Directory.addresses(entry.contact ?? "").map {
        Directory.Contact(address: $0, locale: entry.locale)
      }
      found += entry.customer.flatMap { directory.customerContacts[$0] } ?? []
      found += entry.reseller.flatMap { directory.resellerContacts[$0] } ?? []
    }
    var seen: Set<String> = []
    return found.filter { seen.insert(Subjects.canonical($0.address)).inserted }.map {
      NoticeFacts.Contact(
        address: $0.address, language: $0.locale ?? entry?.locale,
        isInside: isInside($0.address, of: number))
    }
  }

  /// Whether whoever broke in may read an address: a mailbox with an open case, one that shares the case's
  /// evidence, or an address here that cannot be told apart from them.
  package func isInside(_ address: String, of number: Int) -> Bool {
    let mailboxes = mailboxes(address)
    let required = required(number)
    if mailboxes.contains(where: { required.contains($0) || isOpenToThief($0, of: number) }) {
      return true
    }
    if mailboxes.allSatisfy({ directory.accounts[$0] != nil }) { return false }
    // An address of a domain of ours that is no known mailbox may be an alias of any of them.
    let domain = Subjects.canonical(address).split(separator: "@").last.map(String.init) ?? ""
    if directory.domains.contains(domain) { return true }
    let name = cases[number].subjectName
    if Standing.uid(name) != nil { return false }
    // Of a login such as web12p3 nothing says which addresses are its own.
    guard let own = name.split(separator: "@").dropFirst().last else {
      return directory.accounts[name]?.domain == nil
    }
    return domain == own
  }

  /// Whether a mailbox is, or was lately, somebody else's too, or has been used from the case's addresses.
  private func isOpenToThief(_ mailbox: String, of number: Int) -> Bool {
    guard let subject = subjects.find(mailbox) else { return false }
    return subjects[subject].openCase > 0 || subjects[subject].inProbation
      || lastLogin(subject, ofThiefIn: number) != nil
  }

  /// The mailboxes in which an address's mail arrives: aliases and `+extensions` are followed.
  private func mailboxes(_ address: String) -> Set<String> {
    var name = Subjects.canonical(address)
    let isAccount = directory.accounts[name] != nil
    if let accounts = directory.accountsOfAlias[name] {
      return isAccount ? accounts.union([name]) : accounts
    }
    if !isAccount, let plus = name.firstIndex(of: "+"),
      let at = name.lastIndex(of: "@"), plus < at
    {
      name.removeSubrange(plus..<at)
    }
    return directory.accountsOfAlias[name] ?? [name]
  }
}

extension Directory {
  /// Accounts of whose suspension nobody outside could be told, were it to happen: for `doctor`.
  package var accountsWithoutOutsider: [String] {
    accounts.filter { name, entry in
      let all =
        Self.addresses(entry.contact ?? "")
        + (entry.customer.flatMap { customerContacts[$0] } ?? []).map(\.address)
        + (entry.reseller.flatMap { resellerContacts[$0] } ?? []).map(\.address)
      if !name.contains("@"), entry.domain == nil { return true }
      return !all.contains { address in
        let other = Subjects.canonical(address)
        let behind = accountsOfAlias[other] ?? []
        if other == name || behind.contains(name) { return false }
        let domain = other.split(separator: "@").last.map(String.init) ?? ""
        return accounts[other] != nil || !behind.isEmpty || !domains.contains(domain)
      }
    }.keys.sorted()
  }
}
