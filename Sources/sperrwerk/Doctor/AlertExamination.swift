/// The second channels by which the operator is told.
struct AlertExamination: Examination {
  static let area = Finding.Area.alerts
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    guard settings.path("alerts.webhook") != nil else {
      return settings.path("alerts.mail") != nil
        ? []
        : [
          note(
            "alerts stand in the log alone", "set alerts.mail, or alerts.webhook and alerts.secret")
        ]
    }
    let fault = settings.webhookFault
    return [
      finding(fault == nil, "alerts are posted signed (alerts.webhook)", fault ?? ""),
      finding(
        !settings.webhookIsOpen, "nobody on the way can read the alerts (alerts.webhook)",
        "let the receiver take https://, and write that: customers' names stand in alerts"),
    ]
  }
}
