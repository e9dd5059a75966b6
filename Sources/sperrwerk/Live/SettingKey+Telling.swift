extension SettingKey {
  /// How the operator and customers are told.
  static let telling: [SettingKey] = [
    SettingKey("sendmail", .text, "/usr/sbin/sendmail", "Program that takes mail."),
    SettingKey(
      "alerts.webhook", .text, "",
      "Address (https://…) to which alerts are posted as JSON, beside the log."),
    SettingKey(
      "alerts.secret", .text, "",
      "Key of the signature in X-Sperrwerk-Signature, 16 bytes or more; set it as SPERRWERK_ALERTS_SECRET."
    ),
    SettingKey("alerts.mail", .text, "", "Mail address of the operator, for alerts."),
    SettingKey("alerts.mail_every", .span, "10m", "At most one mail in so long: then with all."),
    SettingKey(
      "notices.send", .flag, "true",
      "Tell customers by mail of suspensions, and when sending is open again."),
    SettingKey(
      "notices.templates", .text, "", "Folder of templates, where it is not POLICIES/notices.",
      reloads: true),
    SettingKey(
      "notices.from", .text, "",
      "Sender in the header of our mail; postmaster at this host where it is empty."),
    SettingKey("notices.name", .text, "Postmaster", "Name of that sender."),
    SettingKey(
      "notices.language", .text, "en", "Language for contacts whose own is not known: de, en."),
    SettingKey(
      "notices.every", .span, "10m",
      "One mail to a recipient in so long; what comes meanwhile goes out in one."),
    SettingKey(
      "notices.settle", .span, "30s",
      "How long after a crash the mail log is given to show that a notice was taken."),
    SettingKey(
      "notices.patience", .span, "4h",
      "How long a notice may wait in the queue until the next contact is told, too."),
    SettingKey(
      "contacts", .text, "",
      "Table of whom to tell (CSV): customer,reseller,contact,locale."),
    SettingKey(
      "notices.link_expiry", .span, "14d", "How long a notice's link to the form works (web.url)."),
  ]
}
