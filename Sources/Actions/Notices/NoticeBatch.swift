package import Events

/// Which notices go out together, and when: one recipient gets one mail in a set time, and then all in one.
package struct NoticeBatch: Sendable {
  /// What a notice waits for, as far as its time goes.
  package struct Waiting: Equatable, Sendable {
    package var id: Int64
    package var recipient: String
    package var kind: NoticeFacts.Kind
    package var hasLink: Bool
    package var since: Instant

    package init(
      id: Int64, recipient: String, kind: NoticeFacts.Kind, hasLink: Bool, since: Instant
    ) {
      (self.id, self.recipient, self.kind) = (id, recipient, kind)
      (self.hasLink, self.since) = (hasLink, since)
    }
  }

  /// What comes within this time of the first goes out with it.
  private static let gathered = TimeSpan(seconds: 1)
  /// In one mail at most.
  private static let most = 100

  /// - Parameters:
  ///   - every: one mail to a recipient in so long, of each kind.
  ///   - lastSent: when the recipient was last sent one of the kind.
  /// - Returns: the ids of each mail that is due.
  package static func due(
    _ waiting: [Waiting], every: TimeSpan, at now: Instant,
    lastSent: (String, NoticeFacts.Kind) -> Instant?
  ) -> [[Int64]] {
    var groups: [[Waiting]] = []
    for one in waiting {
      let place = groups.firstIndex {
        $0[0].recipient == one.recipient && $0[0].kind == one.kind && $0[0].hasLink == one.hasLink
          && $0.count < most
      }
      if let place { groups[place].append(one) } else { groups.append([one]) }
    }
    return groups.filter { group in
      // A clock that was set back keeps nothing waiting for ever.
      let age = now - group[0].since
      if age < gathered, age >= .zero { return false }
      guard let last = lastSent(group[0].recipient, group[0].kind), last <= now else { return true }
      return now - last >= every
    }.map { $0.map(\.id) }
  }
}
