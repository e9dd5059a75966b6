import Glibc
import NIOCore
import NIOPosix

/// The operators' socket: one line in, one line out. Who may open the file may give commands; each is recorded
/// with the uid of the process that gave it.
package final class OperatorServer: Sendable {
  /// Answers a line; `uid` is the caller's.
  package typealias Answer = @Sendable (_ line: String, _ uid: UInt32) async -> String

  private static let longest = 65_536
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  package let path: String

  package init(path: String, answer: @escaping Answer) async throws {
    self.path = path
    channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(LineDecoder(longest: Self.longest)))
          try channel.pipeline.syncOperations.addHandler(OperatorConnection(answer: answer))
        }
      }
      .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    // The group may; everybody else may not.
    _ = unsafe chmod(path, 0o660)
  }

  package func close() async {
    try? await channel.close()
    _ = unsafe unlink(path)
    try? await group.shutdownGracefully()
  }
}

/// What the kernel says of the process at the other end. Source: unix(7), SO_PEERCRED.
private struct Peer {
  var pid: Int32
  var uid, gid: UInt32
}

private struct LineDecoder: ByteToMessageDecoder {
  typealias InboundOut = ByteBuffer
  let longest: Int

  mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws
    -> DecodingState
  {
    guard let newline = buffer.readableBytesView.firstIndex(of: 10) else {
      if buffer.readableBytes > longest { throw ChannelError.inputClosed }
      return .needMoreData
    }
    let line = buffer.readSlice(length: newline - buffer.readerIndex)
    buffer.moveReaderIndex(forwardBy: 1)
    if let line { context.fireChannelRead(wrapInboundOut(line)) }
    return .continue
  }
}

private final class OperatorConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let answer: OperatorServer.Answer

  init(answer: @escaping OperatorServer.Answer) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let line = String(buffer: unwrapInboundIn(data))
    let (answer, channel) = (answer, context.channel)
    guard let options = channel as? any SocketOptionProvider else { return }
    let caller: EventLoopFuture<Peer> = options.unsafeGetSocketOption(
      level: .socket, name: .init(rawValue: SO_PEERCRED))
    let uid = caller.map { $0.uid }
    Task {
      // Where the kernel does not say who it is, it is nobody.
      let reply = await answer(line, (try? await uid.get()) ?? 65_534)
      channel.writeAndFlush(ByteBuffer(string: reply + "\n"), promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
