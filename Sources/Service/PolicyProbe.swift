package import Events
import NIOCore
import NIOPosix

/// Asks a policy service as Postfix does, to see what it would be told.
///
/// It names no recipient, so that nobody's try is counted.
package struct PolicyProbe: Sendable {
  package enum Place: Sendable {
    case unix(String)
    case tcp(host: String, port: Int)
  }

  private let place: Place
  private let limit: TimeAmount

  package init(_ place: Place, limit: Duration = .seconds(5)) {
    self.place = place
    self.limit = .nanoseconds(
      limit.components.seconds * 1_000_000_000 + limit.components.attoseconds / 1_000_000_000)
  }

  /// - Returns: the action for each login, in order: `REJECT 5.7.1 …`, `HOLD …`, `DUNNO`.
  package func ask(_ logins: [String]) async throws(ActionError) -> [String] {
    do {
      let channel = try await connect()
      // A service that does not answer must not keep the next order waiting.
      let alarm = channel.channel.eventLoop.scheduleTask(in: limit) {
        channel.channel.close(promise: nil)
      }
      let limit = limit
      let answers = try await channel.executeThenClose { inbound, outbound in
        var answers: [String] = []
        var iterator = inbound.makeAsyncIterator()
        var pending = ByteBuffer()
        for login in logins {
          try await outbound.write(ByteBuffer(string: Self.request(login)))
          while true {
            if let answer = Self.answer(from: &pending) {
              answers.append(answer)
              break
            }
            guard var more = try await iterator.next() else { throw NoAnswer(after: limit) }
            pending.writeBuffer(&more)
          }
        }
        return answers
      }
      alarm.cancel()
      return answers
    } catch {
      throw ActionError(
        place: "policy service \(name)", problem: "does not answer: \(error)",
        remedy: "see that its socket is where policy_service says, and that Postfix may reach it")
    }
  }

  private struct NoAnswer: Error, CustomStringConvertible {
    let after: TimeAmount
    var description: String { "nothing within \(after.nanoseconds / 1_000_000_000) s" }
  }

  private var name: String {
    switch place {
    case .unix(let path): path
    case .tcp(let host, let port): "\(host):\(port)"
    }
  }

  private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(limit)
    let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> =
      {
        channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        }
      }
    switch place {
    case .unix(let path):
      return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
    case .tcp(let host, let port):
      return try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
    }
  }

  private static func request(_ login: String) -> String {
    let clean = String(login.unicodeScalars.map { $0.value < 32 ? "?" : Character($0) })
    return "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\n"
      + "instance=sperrwerk-probe\nsasl_username=\(clean)\n\n"
  }

  /// Takes `action=…` and its empty line off the buffer, if all of it is there.
  private static func answer(from buffer: inout ByteBuffer) -> String? {
    let view = buffer.readableBytesView
    guard let newline = view.firstIndex(of: 10), newline + 1 < view.endIndex else { return nil }
    let line = String(decoding: view[..<newline], as: UTF8.self)
    buffer.moveReaderIndex(to: newline + 2)
    return line.hasPrefix("action=") ? String(line.dropFirst(7)) : line
  }
}
