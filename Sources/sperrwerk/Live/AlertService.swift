import Actions
import ArgumentParser
import Events
import ServiceLifecycle
import Store

/// The alerts' second channels, as the settings name them.
struct AlertService: ServiceLifecycle.Service {
  private let task: AlertTask
  private let webhook: Webhook?

  init(_ settings: LiveSettings, _ store: LedgerStore) throws {
    if let fault = settings.webhookFault {
      Output.complain(fault)
      throw ExitCode(65)
    }
    webhook = settings.path("alerts.webhook").map {
      Webhook(url: $0, secret: settings["alerts.secret"])
    }
    var channels: [any AlertChannel] = [webhook].compactMap { $0 }
    if let text = settings.path("alerts.mail") {
      let to = try Self.address(text, "alerts.mail")
      channels.append(
        OperatorMail(
          sendmail: Sendmail(
            path: settings["sendmail"], folder: settings["state"] + "/mail"),
          from: try Self.address(settings.noticesFrom, "notices.from"), to: to))
    }
    task = AlertTask(
      queue: AlertQueue(store: store), channels: channels, host: AlertTask.hostName,
      isDryRun: settings.flag("dry_run"), mailPause: settings.span("alerts.mail_every"))
  }

  static func address(_ text: String, _ setting: String) throws -> MailAddress {
    guard let address = MailAddress(text) else {
      Output.complain("\(setting): '\(text)' is no mail address; write one such as ops@example.net")
      throw ExitCode(65)
    }
    return address
  }

  func run() async throws {
    await cancelWhenGracefulShutdown { await task.run() }
    await webhook?.close()
  }
}

extension LiveSettings {
  /// Whose mail it is that this service sends.
  var noticesFrom: String {
    path("notices.from") ?? "postmaster@\(AlertTask.hostName)"
  }
}
