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
    webhook = Self.webhook(settings)
    let mail = try Self.mail(settings)
    let channels: [(any AlertChannel)?] = [webhook, mail]
    task = AlertTask(
      queue: AlertQueue(store: store), channels: channels.compactMap { $0 },
      host: AlertTask.hostName, isDryRun: settings.flag("dry_run"),
      mailPause: settings.span("alerts.mail_every"))
  }

  static func webhook(_ settings: LiveSettings) -> Webhook? {
    settings.path("alerts.webhook").map { Webhook(url: $0, secret: settings["alerts.secret"]) }
  }

  static func mail(_ settings: LiveSettings) throws -> OperatorMail? {
    try settings.path("alerts.mail").map { text in
      OperatorMail(
        sendmail: Sendmail(path: settings["sendmail"], folder: settings["state"] + "/mail"),
        from: try address(settings.noticesFrom, "notices.from"),
        to: try address(text, "alerts.mail"))
    }
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
