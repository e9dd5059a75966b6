/// The contact form's words in one language.
struct FormTexts {
  let stoppedTitle, stoppedLead, reportedTitle, reportedLead: String
  let staffTitle, staffLead, openTitle, openLead: String
  let mailboxes, steps, step1, step2, step3, button, afterButton, again, helpTitle: String
  let sendingIsOpen, staffLooks, renewalSeen, renewalNotSeen, noRenewal, stoppedSince: String

  static func of(_ language: Language) -> FormTexts { language == .german ? german : english }

  /// - Parameter since: when the first mailbox was stopped.
  func head(_ stage: FormPage.Stage, since: String?) -> (title: String, lead: String) {
    switch stage {
    case .stopped: (stoppedTitle, stoppedLead.replacing("TIME", with: since ?? "–"))
    case .reported: (reportedTitle, reportedLead)
    case .staff: (staffTitle, staffLead)
    case .open: (openTitle, openLead)
    }
  }

  static let german = FormTexts(
    stoppedTitle: "Der Versand ist gesperrt",
    stoppedLead:
      "Am TIME haben wir bemerkt, dass über Ihren Zugang Spam verschickt wird, wahrscheinlich von jemandem, der ein Passwort kennt. Seitdem geht von dort keine Mail mehr hinaus. Empfangen und lesen können Sie wie gewohnt.",
    reportedTitle: "Danke, wir prüfen das gerade",
    reportedLead:
      "Sobald für jedes Postfach ein neues Passwort gesehen wurde, öffnen wir den Versand von selbst. Diese Seite lädt sich alle zehn Sekunden neu; Sie können sie auch schließen.",
    staffTitle: "Unsere Mitarbeiter sehen es sich an",
    staffLead:
      "Wir konnten die Erneuerung nicht von selbst bestätigen und möchten sichergehen, dass niemand Fremdes mehr Zugang hat. Sie müssen nichts weiter tun; eilt es, melden Sie sich bitte bei uns.",
    openTitle: "Der Versand ist wieder frei",
    openLead:
      "Sie können wieder Mails verschicken. Bitte tragen Sie das neue Passwort in allen Geräten und Programmen ein, die das Postfach verwenden.",
    mailboxes: "Betroffene Postfächer", steps: "Was Sie tun können",
    step1:
      "Setzen Sie für jedes dieser Postfächer ein neues Passwort, das Sie nirgendwo sonst verwenden.",
    step2:
      "Prüfen Sie Ihre Computer und Telefone auf Schadsoftware. Sonst liest dort jemand auch das neue Passwort.",
    step3: "Sagen Sie uns hier, dass Sie fertig sind.",
    button: "Ich habe die Passwörter erneuert",
    afterButton: "Wir vergleichen nur Zeitpunkte. Ihr Passwort sehen wir nicht.",
    again: "Jetzt neu laden", helpTitle: "Hilfe", sendingIsOpen: "Versand frei",
    staffLooks: "Wird von Mitarbeitern geprüft", renewalSeen: "Neues Passwort gesehen",
    renewalNotSeen: "Noch kein neues Passwort gesehen",
    noRenewal: "Kein neues Passwort nötig", stoppedSince: "gesperrt seit")

  static let english = FormTexts(
    stoppedTitle: "Sending is stopped",
    stoppedLead:
      "On TIME we noticed that spam is being sent through your account, most likely by somebody who knows a password. Since then no mail leaves from there. You can receive and read mail as always.",
    reportedTitle: "Thank you, we are checking",
    reportedLead:
      "As soon as a new password has been seen for each mailbox, sending opens by itself. This page loads anew every ten seconds; you may also close it.",
    staffTitle: "Our staff will look at it",
    staffLead:
      "We could not confirm the renewal by ourselves, and want to be sure that nobody else has access any more. There is nothing more you need to do; if it is urgent, please contact us.",
    openTitle: "Sending is open again",
    openLead:
      "You can send mail again. Please enter the new password in every device and program that uses the mailbox.",
    mailboxes: "Mailboxes concerned", steps: "What you can do",
    step1: "Set a new password for each of these mailboxes, one that you use nowhere else.",
    step2:
      "Check your computers and telephones for malware. Otherwise somebody reads the new password there, too.",
    step3: "Tell us here that you are done.",
    button: "I have renewed the passwords",
    afterButton: "We compare times only. We do not see your password.",
    again: "Load now", helpTitle: "Help", sendingIsOpen: "Sending open",
    staffLooks: "Looked at by staff", renewalSeen: "New password seen",
    renewalNotSeen: "No new password seen yet", noRenewal: "No new password needed",
    stoppedSince: "stopped since")
}
