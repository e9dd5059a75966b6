package import Events

/// To whom a notice goes: the mailbox itself without a link, and the nearest contact that whoever broke in
/// cannot read, with one.
package struct NoticePlan: Equatable, Sendable {
  package struct Recipient: Equatable, Sendable {
    package var address: MailAddress
    package var hasLink: Bool
  }

  /// Somebody to whom this notice went already.
  package struct Tried: Sendable {
    package var recipient: String
    package var hasLink: Bool
    /// It was refused, or has not been delivered for long.
    package var isUnread: Bool

    package init(recipient: String, hasLink: Bool, isUnread: Bool) {
      (self.recipient, self.hasLink, self.isUnread) = (recipient, hasLink, isUnread)
    }
  }

  /// Those to be told now.
  package private(set) var recipients: [Recipient] = []
  /// Nobody outside can be told, or nobody more: the operator must.
  package private(set) var needsOperator = false
  /// Contacts that are no mail address.
  package private(set) var invalid: [String] = []

  /// - Parameter refusing: addresses that refused the last mail to them: asked only where there is no other.
  package init(_ facts: NoticeFacts, tried: [Tried], refusing: Set<String> = []) {
    let used = Set(tried.map(\.recipient))
    if !facts.isSite, let mailbox = MailAddress(facts.subject), !used.contains(facts.subject) {
      recipients.append(Recipient(address: mailbox, hasLink: false))
    }
    let contacts = facts.contacts.filter { $0.address != facts.subject }
    invalid = contacts.map(\.address).filter { MailAddress($0) == nil }
    let outside = contacts.filter { !$0.isInside }.compactMap { MailAddress($0.address) }
    if tried.contains(where: { $0.hasLink && !$0.isUnread }) { return }
    let left = outside.filter { !used.contains($0.description) }
    if let next = left.first(where: { !refusing.contains($0.description) }) ?? left.first {
      recipients.append(Recipient(address: next, hasLink: true))
      return
    }
    needsOperator = true
    // Better a word without a link than none.
    let inside = contacts.filter(\.isInside).compactMap { MailAddress($0.address) }
    if let known = inside.first, !inside.contains(where: { used.contains($0.description) }) {
      recipients.append(Recipient(address: known, hasLink: false))
    }
  }
}
