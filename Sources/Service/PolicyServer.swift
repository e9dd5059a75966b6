import Events
import NIOCore
import NIOPosix
import Synchronization

/// Answers Postfix's questions from memory: whose sending is suspended, held or open.
///
/// It never waits for the engine. Idle connections stay open: to lose one costs Postfix a second.
package final class PolicyServer: Sendable {
  package struct Texts: Sendable {
    /// What the customer's mail program shows. Printable ASCII.
    package var suspended: String
    package init(suspended: String) { self.suspended = suspended }
  }

  private let stops: StopTable
  private let attempts: AttemptBox
  private let answers: Answers
  private let locals: LocalClients
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channels = Mutex<[any Channel]>([])
  private let counts = Counts()

  /// - Parameter canonical: an account by its login as logged.
  package init(
    stops: StopTable, attempts: AttemptBox, texts: Texts, locals: LocalClients = LocalClients(),
    canonical: @escaping @Sendable (String) -> String
  ) {
    self.locals = locals
    self.stops = stops
    self.attempts = attempts
    answers = Answers(texts: texts, canonical: canonical)
  }

  package var malformed: Int { counts.malformed.load(ordering: .relaxed) }

  // MARK: Sockets

  /// - Parameter path: of a unix socket; a file that nobody listens on is replaced.
  package func listen(path: String) async throws {
    let channel = try await bootstrap.bind(
      unixDomainSocketPath: path, cleanupExistingSocketFile: true
    ).get()
    channels.withLock { $0.append(channel) }
  }

  /// - Returns: the port, where 0 was asked for.
  @discardableResult
  package func listen(host: String, port: Int) async throws -> Int {
    let channel = try await bootstrap.bind(host: host, port: port).get()
    channels.withLock { $0.append(channel) }
    return channel.localAddress?.port ?? port
  }

  private var bootstrap: ServerBootstrap {
    let (stops, attempts, answers, counts) = (stops, attempts, answers, counts)
    let locals = locals
    return ServerBootstrap(group: group)
      .serverChannelOption(ChannelOptions.backlog, value: 512)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            PolicyConnection(
              stops: stops, attempts: attempts, answers: answers, counts: counts, locals: locals))
        }
      }
      .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
  }

  package func close() async {
    for channel in channels.withLock({ $0 }) { try? await channel.close() }
    try? await group.shutdownGracefully()
  }
}

struct Answers: Sendable {
  let texts: PolicyServer.Texts
  let canonical: @Sendable (String) -> String

  func line(_ stop: Standing.Stop?) -> String {
    switch stop {
    case .suspended: "action=REJECT 5.7.1 \(texts.suspended)\n\n"
    case .held: "action=HOLD \(Standing.heldReason)\n\n"
    case nil: "action=DUNNO\n\n"
    }
  }
}

final class Counts: Sendable {
  let malformed = Atomic<Int>(0)
}
