import Actions
import ArgumentParser
import Engine
import Events
import Glibc
import Logging
import Service
import ServiceLifecycle
import Store
import UnixSignals
import Web

/// The service's parts, wired.
final class LiveService: Sendable {
  private let lock: StateLock
  private let thread: LoopHandover
  private let server: PolicyServer
  private let operators: OperatorServer
  private let actuator: ActuatorTask
  private let orders: AsyncStream<Work>
  private let mailbox: Mailbox
  private let web: WebService?
  private let queuePoll: QueuePoll?
  private let passwords: PasswordWatch?
  private let directory: DirectoryFetch?
  private let tables: DirectoryWatch
  private let desk: QueueDesk?
  private let alerts: AlertService
  private let notices: NoticeDesk?

  init(_ settings: LiveSettings, record: String?) async throws {
    // Before anything else: the sockets of another are not to be taken away from it.
    lock = try Self.orExit(66) { () throws(StoreError) in try StateLock(settings["state"]) }
    let mailbox = Mailbox()
    self.mailbox = mailbox
    let stops = StopTable()
    let attempts = AttemptBox(wake: { mailbox.wake() })
    let (orders, continuation) = AsyncStream.makeStream(of: Work.self)
    self.orders = orders
    let store = try Self.orExit(66) { () throws(StoreError) in try LedgerStore(settings.ledger) }
    web = try Self.orExit(65) { () throws(WebError) in
      try WebParts(settings: settings, mailbox: mailbox).service()
    }
    directory = try await Self.directory(settings, mailbox)
    tables = DirectoryWatch(settings, mailbox)
    // Until the state is read the ledger alone knows who is stopped.
    if !settings.flag("dry_run") {
      stops.update(
        Standing(try Self.orExit(66) { () throws(StoreError) in try store.standingOrders() }))
    }
    alerts = try AlertService(settings, store)
    let parts = try LiveParts(settings, record: record)
    let loop = EngineLoop(
      parts: parts, settings: settings, store: store, mailbox: mailbox, stops: stops,
      attempts: attempts, orders: continuation)
    let desk = parts.desk(store, mailbox)
    loop.desk = desk
    self.desk = desk
    actuator = parts.actuator(mailbox, desk: desk, stops)
    notices = try Self.noticeDesk(settings, parts, store, mailbox)
    loop.notices = notices
    queuePoll = parts.queuePoll(mailbox)
    passwords = try parts.passwordWatch(mailbox)
    let (queuePoll, passwords, directory) = (queuePoll, passwords, directory)
    loop.askForPasswords = { passwords?.rounds.ring() }
    loop.onPoll = {
      queuePoll?.rounds.ring()
      passwords?.rounds.ring()
      directory?.rounds.ring()
    }
    let tables = tables
    loop.onReload = { tables.reloaded($0) }
    thread = LoopHandover(loop)
    server = PolicyServer(
      stops: stops, attempts: attempts,
      texts: .init(suspended: SMTPText.safe(settings["policy_service.text"])),
      canonical: { Engine.canonical($0) })
    do {
      operators = try await OperatorServer(path: settings["operators.socket"]) { line, uid in
        await OperatorDesk(mailbox: mailbox).answer(line, uid: uid)
      }
      try await Self.listen(server, settings)
    } catch {
      Output.complain("a socket cannot be opened: \(error); see policy_service and operators")
      throw ExitCode(66)
    }
  }

  private static func directory(_ settings: LiveSettings, _ mailbox: Mailbox) async throws
    -> DirectoryFetch?
  {
    do throws(ActionError) {
      let directory = try DirectoryFetch(settings, mailbox)
      try await directory?.begin()
      return directory
    } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
  }

  /// In a dry run Postfix is answered too, and always DUNNO: nothing is put into the table.
  private static func listen(_ server: PolicyServer, _ settings: LiveSettings) async throws {
    if let socket = settings.path("policy_service.socket") {
      try await server.listen(path: socket)
      _ = unsafe chmod(socket, 0o666)
    }
    if let address = settings.policyAddress {
      try await server.listen(host: address.host, port: Int(address.port))
    }
  }

  /// Without a key there is no link for customers: that is told, and keeps nobody from guarding.
  private static func noticeDesk(
    _ settings: LiveSettings, _ parts: LiveParts, _ store: LedgerStore, _ mailbox: Mailbox
  ) throws -> NoticeDesk? {
    if settings.flag("notices.send"), !settings.flag("dry_run") {
      do { _ = try FormKey.load(settings.formKey) } catch {
        Alerts.raise(
          "customers are not told of suspensions until this is mended and the service is started anew: "
            + "\(error)")
        return nil
      }
    }
    return try NoticeDesk.make(settings, parts.deciding.noticeFolder(settings), store, mailbox)
  }

  private static func orExit<Value, Fault>(
    _ status: Int32, _ body: () throws(Fault) -> Value
  ) throws -> Value {
    do { return try body() } catch {
      Output.complain("\(error)")
      throw ExitCode(status)
    }
  }

  func run() async throws {
    let silent = Logger(label: "sperrwerk") { _ in SwiftLogNoOpLogHandler() }
    // Before systemd hears that the service is ready: a reload right then is not to be lost.
    let hangUps = await UnixSignalsSequence(trapping: .sighup)
    // They are ended in the reverse order, each when the one behind it has ended: the loop first, and then
    // what it has still ordered.
    var services: [any ServiceLifecycle.Service] = [
      alerts, HangUpService(hangUps: hangUps, mailbox: mailbox), DeskService(desk: desk),
      NoticeService(task: notices?.task),
      OrderService(task: actuator, orders: orders),
      ThreadService(thread: thread, mailbox: mailbox),
    ]
    // Ended first; it never ends by itself.
    if let web { services.append(web) }
    // Ended first: they hand on to the loop and wait for it.
    if let queuePoll { services.append(queuePoll) }
    if let passwords { services.append(passwords) }
    if let directory { services.append(directory) }
    services.append(tables)
    let group = ServiceGroup(
      configuration: .init(
        services: services.map {
          .init(
            service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        },
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: silent))
    let outcome = await Task { try await group.run() }.result
    await server.close()
    await operators.close()
    if case .failure(let error) = outcome {
      Output.complain("\(error)")
      throw ExitCode(74)
    }
  }
}

/// Runs the loop on a thread of its own.
private struct ThreadService: ServiceLifecycle.Service {
  let thread: LoopHandover
  let mailbox: Mailbox

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await thread.run()
    } onGracefulShutdown: {
      mailbox.send(.stop)
    }
  }
}

/// Works the outbox off until the loop has ended and all is done.
private struct OrderService: ServiceLifecycle.Service {
  let task: ActuatorTask
  let orders: AsyncStream<Work>
  func run() async throws {
    await task.run(orders)
    // The group takes a service that ends before its turn for one that failed.
    try? await gracefulShutdown()
  }
}

/// Lets go and deletes queued mail when it is due.
private struct DeskService: ServiceLifecycle.Service {
  let desk: QueueDesk?
  func run() async throws {
    await cancelWhenGracefulShutdown {
      while let desk, !Task.isCancelled {
        await desk.turn(at: MachineClock.unstepped)
        try? await Task.sleep(for: .seconds(1))
      }
    }
    try? await gracefulShutdown()
  }
}

/// Tells customers until the loop has ended; what is not sent then is sent after the next start.
private struct NoticeService: ServiceLifecycle.Service {
  let task: NoticeTask?
  func run() async throws {
    await task?.run()
    try? await gracefulShutdown()
  }
}

private struct HangUpService: ServiceLifecycle.Service {
  let hangUps: UnixSignalsSequence
  let mailbox: Mailbox
  func run() async throws {
    for await _ in hangUps.cancelOnGracefulShutdown() {
      mailbox.send(.reload)
    }
  }
}
