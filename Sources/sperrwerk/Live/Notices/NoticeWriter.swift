import Actions
import Crypto
import Events
import Foundation
import Policy
import Store
import Web

/// Words notices by the templates, and gives each message its name.
struct NoticeWriter {
  var templates: NoticeSet
  let from: MailAddress
  let fromName: String
  /// The host's own language.
  let language: String
  let help: String?
  let zone: TimeSpan
  /// Where the form is; nil where there is none, and then no notice has a link.
  let form: String?
  let expiry: TimeSpan
  let key: SymmetricKey

  /// The name of a message, the same each time: by case, order and recipient, and the key, so that nobody who
  /// has one knows another.
  func messageID(_ first: LedgerStore.Notice) -> String {
    let facts = first.facts
    let claim = "\(facts.caseNumber)\n\(first.orderID)\n\(facts.suspendedAt)\n\(first.recipient)"
    let code = HMAC<SHA256>.authenticationCode(for: Data(claim.utf8), using: key)
    let hex = HexText.of(code.prefix(16))
    return "sperrwerk.\(facts.caseNumber).\(first.orderID).\(hex)@\(from.domain)"
  }

  /// One message for what goes to one recipient.
  func message(_ notices: [LedgerStore.Notice], _ name: String, at now: Instant)
    throws -> MailMessage
  {
    guard let to = MailAddress(notices[0].recipient) else {
      throw ActionError(
        place: "case \(notices[0].facts.caseNumber)",
        problem: "'\(notices[0].recipient)' is no mail address",
        remedy: "correct the contact in the table of accounts")
    }
    let cases = notices.map { about($0, at: now) }
    let own = notices[0].facts
    let wanted =
      own.contacts.first { $0.address == to.description }?.language ?? own.language
    let language = templates.language(wanted, fallback: language)
    let text =
      cases.count == 1
      ? try templates.write(cases[0], language) : try templates.write(cases, language)
    return MailMessage(
      from: from, fromName: fromName, to: to, subject: text.subject, text: text.text,
      links: cases.compactMap(\.link), language: language, messageID: name, date: now)
  }

  private func about(_ notice: LedgerStore.Notice, at now: Instant) -> NoticeCase {
    var link: String?
    if notice.hasLink, notice.facts.kind == .suspended, let form {
      let token = FormToken(
        caseNumber: notice.facts.caseNumber, notice: notice.id, expiry: now + expiry)
      link = "\(form)/r/\(token.text(key: key))"
    }
    return NoticeCase(
      facts: notice.facts, link: link, isInside: !notice.hasLink, help: help, zone: zone)
  }
}
