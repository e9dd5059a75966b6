import Events
import NIOCore
import Synchronization

/// One smtpd's connection.
final class PolicyConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let stops: StopTable
  private let attempts: AttemptBox
  private let answers: Answers
  private let counts: Counts
  private let locals: LocalClients
  private var pending = ByteBuffer()
  /// The next answer is being looked up, and later ones wait for their turn.
  private var isLookingUp = false
  /// The client that this smtpd serves now: its port stays its own for as long as it is connected.
  private var client: (port: Int, uid: Int32, until: NIODeadline)?

  /// A port that a client has left goes to no other within the minute that TCP waits; this is well below.
  private static let trust = TimeAmount.seconds(10)

  init(
    stops: StopTable, attempts: AttemptBox, answers: Answers, counts: Counts, locals: LocalClients
  ) {
    (self.stops, self.attempts) = (stops, attempts)
    (self.answers, self.counts, self.locals) = (answers, counts, locals)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var incoming = unwrapInboundIn(data)
    if pending.readableBytes == 0 { pending = incoming } else { pending.writeBuffer(&incoming) }
    if !isLookingUp { answerAll(context) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func answerAll(_ context: ChannelHandlerContext) {
    var reply = context.channel.allocator.buffer(capacity: 256)
    reading: while !isLookingUp {
      switch PolicyRequest.take(from: &pending) {
      case .incomplete: break reading
      case .malformed:
        counts.malformed.add(1, ordering: .relaxed)
        context.close(promise: nil)
        return
      case .request(let request):
        if request.request == "smtpd_access_policy", LocalClients.concerns(request) {
          lookUp(request, context, &reply)
        } else {
          reply.writeString(answer(request))
        }
      }
    }
    if pending.readableBytes == 0 { pending.clear() }
    if reply.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(reply), promise: nil) }
  }

  private func answer(_ request: PolicyRequest) -> String {
    guard request.request == "smtpd_access_policy", !request.login.isEmpty else {
      return answers.line(nil)
    }
    return answer(request, about: answers.canonical(request.login))
  }

  private func answer(_ request: PolicyRequest, about subject: String) -> String {
    let stop = stops.stop(of: subject)
    // Of a website the log has no uid: that is told with the queue id.
    let isHandedOver = request.isWholeMessage && Standing.uid(subject) != nil
    if !request.recipient.isEmpty || isHandedOver {
      attempts.put(
        Attempt(
          login: subject, clientAddress: request.clientAddress, recipient: request.recipient,
          queueID: request.queueID, isHandedOver: isHandedOver),
        instance: request.instance)
    }
    return answers.line(stop)
  }

  // MARK: Websites that speak SMTP

  private func lookUp(
    _ request: PolicyRequest, _ context: ChannelHandlerContext, _ reply: inout ByteBuffer
  ) {
    if let client, client.port == request.clientPort, client.until > .now() {
      reply.writeString(answer(request, about: "uid:\(client.uid)"))
      return
    }
    isLookingUp = true
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    locals.uid(of: request, on: context.eventLoop).whenComplete { result in
      let (connection, context) = bound.value
      connection.found(try? result.get(), request, context)
    }
  }

  private func found(_ uid: Int32?, _ request: PolicyRequest, _ context: ChannelHandlerContext) {
    isLookingUp = false
    client = uid.map { (request.clientPort, $0, .now() + Self.trust) }
    let line = uid.map { answer(request, about: "uid:\($0)") } ?? answers.line(nil)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line)), promise: nil)
    answerAll(context)
  }
}

extension PolicyRequest {
  /// The message is there as a whole, and its queue id is known.
  var isWholeMessage: Bool { !queueID.isEmpty && (state == "END-OF-MESSAGE" || state == "DATA") }
}
