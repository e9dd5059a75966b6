import Actions
import ArgumentParser
import Collectors
import Crypto
import Engine
import Events
import Policy
import Store
import Synchronization
import Web

/// The notices' part of the service: what the loop gives on, what it watches for, and who sends.
struct NoticeDesk: Sendable {
  let orders: AsyncStream<NoticeJob>.Continuation
  let watch: NoticeWatch
  let task: NoticeTask

  /// - Parameter folder: the templates'.
  /// - Returns: nil where customers are not told.
  static func make(
    _ settings: LiveSettings, _ folder: String, _ store: LedgerStore, _ mailbox: Mailbox
  ) throws -> NoticeDesk? {
    guard settings.flag("notices.send") else { return nil }
    let (stream, orders) = AsyncStream.makeStream(of: NoticeJob.self)
    let watch: NoticeWatch
    do { watch = NoticeWatch(try store.noticesUnderWay()) } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
    if settings.flag("dry_run") {
      return NoticeDesk(
        orders: orders, watch: watch,
        task: NoticeTask(stream: stream, mailbox: mailbox, notifier: nil))
    }
    let notifier = Notifier(
      store: store,
      sendmail: Sendmail(path: settings["sendmail"], folder: settings["state"] + "/mail"),
      watch: watch, mailbox: mailbox, writer: try writer(settings, folder),
      every: settings.span("notices.every"), settle: settings.span("notices.settle"),
      patience: settings.span("notices.patience"), pending: pickup(settings, mailbox.faults))
    return NoticeDesk(
      orders: orders, watch: watch,
      task: NoticeTask(stream: stream, mailbox: mailbox, notifier: notifier))
  }

  private static func writer(_ settings: LiveSettings, _ folder: String) throws -> NoticeWriter {
    let templates = NoticeSet(directory: folder)
    for error in templates.errors { Output.complain("\(error)") }
    guard templates.errors.isEmpty else { throw ExitCode(65) }
    let key: SymmetricKey
    do { key = try FormKey.load(settings["state"] + "/form.key") } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
    return NoticeWriter(
      templates: templates, from: try AlertService.address(settings.noticesFrom, "notices.from"),
      fromName: settings["notices.name"], language: settings["notices.language"],
      help: settings.path("web.help"), zone: SourceOptions.offset(settings["zone"]) ?? .zero,
      form: settings.path("web.url").map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 },
      expiry: settings.span("notices.link_expiry"), key: key)
  }

  /// Whether mail from nobody to an address lies where `sendmail` puts it and Postfix has not taken it yet: the
  /// log names it only then. A queue that cannot be read may have it.
  private static func pickup(
    _ settings: LiveSettings, _ faults: SourceFaults
  ) -> @Sendable (String) async -> Bool {
    let program = Program(settings["postfix.postqueue"])
    let options = settings.postfixOptions
    return { recipient in
      let address = "\"\(recipient.lowercased())\""
      let found = Mutex(false)
      let listed = try? await program.blocks(options + ["-j"]) { block in
        for line in String(decoding: block, as: UTF8.self).split(separator: "\n")
        where line.contains("\"maildrop\"") && line.lowercased().contains(address) {
          found.withLock { $0 = true }
        }
      }
      let source = "looking for notices in the queue"
      guard let listed, listed.status == 0 else {
        faults.failed(
          source, "a notice that sendmail did not take waits",
          listed?.errors ?? "it does not answer",
          at: MachineClock.steadyInstant)
        return true
      }
      faults.worked(source)
      return found.withLock { $0 }
    }
  }
}
