package import Events
import Foundation

/// Some alerts on their way by one channel, as it words them.
package struct AlertReport: Sendable {
  package var alerts: [Alert]
  /// How many more there were that nobody will send.
  package var dropped: Int
  /// The machine's name.
  package var host: String
  package var isDryRun: Bool

  package init(alerts: [Alert], dropped: Int, host: String, isDryRun: Bool) {
    (self.alerts, self.dropped, self.host, self.isDryRun) = (alerts, dropped, host, isDryRun)
  }

  /// The webhook's body: keys as the ledger has them, absent where unknown.
  package var json: [UInt8] {
    var json = JSONText()
    json.object { json in
      json.field("host", host)
      json.field("dry_run", isDryRun)
      json.field("dropped", dropped)
      json.array("alerts") { json in
        for alert in alerts {
          json.object { json in
            json.field("id", Int(alert.id))
            json.field("time", alert.time.rfc3339(digits: 3))
            json.field("kind", alert.kind)
            if let subject = alert.subject { json.field("subject", subject) }
            if let number = alert.caseNumber { json.field("case", number) }
            json.field("text", alert.text)
            json.field("count", alert.count)
          }
        }
      }
    }
    return json.bytes
  }

  package var subject: String {
    let what =
      alerts.count == 1
      ? String(alerts[0].text.prefix { !$0.isNewline }.prefix(120)) : "\(alerts.count) alerts"
    return "Sperrwerk on \(host): \(what)"
  }

  package var text: String {
    var parts = alerts.map { alert in
      let who = alert.subject.map { " \($0)" } ?? ""
      let number = alert.caseNumber.map { " (case \($0))" } ?? ""
      let often = alert.count > 1 ? "\nsaid \(alert.count) times within the hour" : ""
      return "\(alert.time.rfc3339(digits: 0)) \(alert.kind)\(who)\(number)\n\(alert.text)\(often)"
    }
    if dropped > 0 {
      parts.append(
        "\(dropped) more were too many to send; 'sperrwerk cases' and the log have them.")
    }
    if isDryRun { parts.append("This is a dry run: nothing was touched.") }
    return parts.joined(separator: "\n\n") + "\n"
  }
}

/// A second way to the operator.
package protocol AlertChannel: Sendable {
  var name: Alert.Channel { get }
  func send(_ report: AlertReport, at now: Instant) async throws(ActionError)
}
