package import Events
import Policy

/// What operators allow by their own word, beside the lists in files. It stands in the ledger, and has an end.
extension Engine {
  /// How long a dismissed case's policy does not count against its subject.
  static let dismissal = TimeSpan(seconds: 30 * 86_400)
  /// As for the lists in files.
  private static let longest = TimeSpan(seconds: 366 * 86_400)

  /// - Returns: why it cannot be; nil where it holds from now on.
  mutating func allow(_ entry: ListReport.Entry, at time: Instant) -> String? {
    advance(to: time)
    var entry = entry
    guard let subject = subjects.find(entry.subject) ?? subjects.make(entry.subject) else {
      return "\(entry.subject) is neither a login nor a website such as uid:5012"
    }
    entry.subject = subjects[subject].name
    entry.from = now
    guard entry.policy != nil || entry.network != nil || entry.volume != nil else {
      return "name what is allowed: a policy, a network or a volume; never everything"
    }
    let names = compiled.map(\.policy.name)
    if let policy = entry.policy, !names.contains(policy) {
      return "no policy '\(policy)'; \(NearMiss.remedy(policy, among: names))"
    }
    if let network = entry.network, network.isHuge {
      return "\(network) is no network of a customer; write 192.0.2.0/24 or 2001:db8::/48"
    }
    guard entry.until > now, entry.until - now <= Self.longest else {
      return "an entry lasts at most a year; renew it when it ends"
    }
    begin(entry)
    return nil
  }

  /// A dismissed case was a false alarm: its policy does not count again for a while.
  mutating func allowDismissed(
    _ number: Int, _ policy: String, _ reason: String, _ actor: String
  ) {
    guard compiled.contains(where: { $0.policy.name == policy }) else { return }
    begin(
      ListReport.Entry(
        kind: .allow, subject: cases[number].subjectName, policy: policy, from: now,
        until: now + Self.dismissal, reason: "case \(number) was dismissed: \(reason)",
        actor: actor))
  }

  private mutating func begin(_ entry: ListReport.Entry) {
    var transition = Transition(
      time: now, action: .allow, subject: entry.subject, policy: entry.policy,
      reason: entry.reason)
    (transition.actor, transition.due) = (entry.actor, entry.until)
    transition.readings = [
      entry.network.map { .init(name: "network", value: "\($0)") },
      entry.volume.map { .init(name: "volume", value: "\($0)") },
    ].compactMap { $0 }
    add(entry)
    append(transition)
  }

  private mutating func add(_ entry: ListReport.Entry) {
    entries.removeAll { $0.until <= now }
    entries.append(entry)
    joinLists()
  }

  mutating func disallow(_ name: String, reason: String, actor: String, at time: Instant)
    -> String?
  {
    advance(to: time)
    let name = subjects.find(name).map { subjects[$0].name } ?? name
    guard entries.contains(where: { $0.subject == name && $0.until > now }) else {
      return "no operator's entry allows \(name) anything; those in files are edited there"
    }
    end(name)
    var transition = Transition(
      time: now, action: .disallow, subject: name, policy: nil, reason: reason)
    transition.actor = actor
    append(transition)
    return nil
  }

  private mutating func end(_ name: String) {
    entries.removeAll { $0.subject == name }
    joinLists()
  }

  /// Both kinds of entries, as they are asked.
  mutating func joinLists() {
    lists = policySet.lists
    for entry in entries { lists.add(entry) }
  }

  /// - Returns: whether this step of the ledger is about the lists.
  mutating func followEntry(_ transition: Transition) -> Bool {
    guard let name = transition.subject else { return false }
    switch transition.action {
    case .disallow: end(name)
    case .allow:
      func value(_ name: String) -> String? {
        transition.readings.first { $0.name == name }?.value
      }
      guard let until = transition.due, until > now else { return true }
      add(
        ListReport.Entry(
          kind: .allow, subject: name, policy: transition.policy,
          network: value("network").flatMap { AddressRange($0) },
          volume: value("volume").flatMap(Double.init), from: transition.time, until: until,
          reason: transition.reason, actor: transition.actor))
    default: return false
    }
    return true
  }

  /// All entries, those of files first.
  package var listReport: ListReport {
    ListReport(
      entries: (policySet.lists.entries + entries).map { entry in
        var entry = entry
        // A new place or password lifts what was allowed before; protection stays.
        let lifted =
          entry.kind == .protect || entry.network != nil
          ? nil : subjects.find(entry.subject).map { subjects[$0].liftedAt }
        entry.isInForce =
          entry.from <= now && now < entry.until && entry.from > (lifted ?? .distantPast)
        return entry
      })
  }
}
