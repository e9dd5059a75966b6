package import Events

/// Mails alerts to the operator, several in one where they come at once.
package struct OperatorMail: AlertChannel {
  package let name = Alert.Channel.mail
  private let sendmail: Sendmail
  private let from, to: MailAddress

  package init(sendmail: Sendmail, from: MailAddress, to: MailAddress) {
    (self.sendmail, self.from, self.to) = (sendmail, from, to)
  }

  package func send(_ report: AlertReport, at now: Instant) async throws(ActionError) {
    let name = "alert-\(report.alerts.first?.id ?? 0)-\(now.microseconds)"
    let message = MailMessage(
      from: from, fromName: "Sperrwerk", to: to, subject: report.subject, text: report.text,
      language: "en", messageID: "\(name)@\(from.domain)", date: now)
    try await sendmail.sendFromMemory(message.encoded, to: to)
  }
}
