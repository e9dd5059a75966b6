import Events
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Synchronization

package struct RequestLimits: Sendable {
  /// From the connection, or from the last answer, to the end of the head.
  package var head = Duration.seconds(10)
  /// From there to the end of the body.
  package var body = Duration.seconds(10)
  /// How long an answer may lie here because the client takes nothing of it.
  package var taking = Duration.seconds(30)
  /// How long a path with its query may be.
  package var path = 2048
  /// Connections of one address, and of all addresses of an IPv6 /48.
  package var connections = 32
  package var siteConnections = 64

  package init() {}
}

/// Limits in time and size on what a connection may send, below everything that could wait for it.
///
/// A client that sends its request drop by drop, or nothing, or more than any form of ours holds, is cut off, and
/// so is one that does not take its answer: who writes that would wait for ever.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let limits: RequestLimits
  private let connections: ConnectionCount
  private let welcome: [AddressRange]?
  private var deadline: Scheduled<Void>?
  /// Of a client that takes nothing.
  private var takingDeadline: Scheduled<Void>?
  private var bodyBytes = 0
  /// A head has come, and not yet the end of its request.
  private var isInRequest = false
  /// Requests that were passed on and are not answered to the end: a client may send several, and be answered
  /// before all of one is there.
  private var answersOwed = 0
  private var isRefused = false
  private var isLastAnswer = false
  private var counted: NetworkAddress?

  /// - Parameter welcome: who may connect at all; nil: everybody.
  init(_ limits: RequestLimits, _ connections: ConnectionCount, welcome: [AddressRange]?) {
    (self.limits, self.connections, self.welcome) = (limits, connections, welcome)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    expect(within: limits.head, context)
    let address = context.channel.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
    if let welcome, address.map({ one in welcome.contains { $0.contains(one) } }) != true {
      return context.close(promise: nil)
    }
    if let address {
      if connections.open(address) { counted = address } else { context.close(promise: nil) }
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { leave() }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    takingDeadline?.cancel()
    takingDeadline = context.channel.isWritable ? nil : close(context, in: limits.taking)
    context.fireChannelWritabilityChanged()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isRefused { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      bodyBytes = 0
      let length = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
      if length > FormBody.longest { return refuse(.contentTooLarge, context) }
      if (head.path?.utf8.count ?? 0) > limits.path { return refuse(.uriTooLong, context) }
      isInRequest = true
      answersOwed += 1
      expect(within: limits.body, context)
    case .body(let bytes):
      bodyBytes += bytes.readableBytes
      if bodyBytes > 2 * FormBody.longest { return refuse(.contentTooLarge, context) }
    case .end:
      isInRequest = false
      expectNext(context)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isRefused {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let head): isLastAnswer = head.headerFields[.connection] == "close"
    case .body: break
    case .end where isLastAnswer: return end(context, data, promise)
    case .end:
      answersOwed -= 1
      // What is still to come of the request keeps its own limit.
      if !isInRequest { expectNext(context) }
    }
    context.write(data, promise: promise)
  }

  /// What we said was the end of the connection is, whatever the client wants.
  private func end(
    _ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?
  ) {
    isRefused = true
    let channel = context.channel
    let written = promise ?? context.eventLoop.makePromise()
    written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    context.writeAndFlush(data, promise: written)
  }

  /// Where all is answered it is the client's turn; until then it is ours.
  private func expectNext(_ context: ChannelHandlerContext) {
    if answersOwed == 0 { return expect(within: limits.head, context) }
    deadline?.cancel()
    deadline = nil
  }

  private func expect(within time: Duration, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = close(context, in: time)
  }

  private func close(_ context: ChannelHandlerContext, in time: Duration) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
  }

  private func refuse(_ status: HTTPResponse.Status, _ context: ChannelHandlerContext) {
    isRefused = true
    let head = HTTPResponse(
      status: status, headerFields: [.connection: "close", .contentLength: "0"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  private func leave() {
    deadline?.cancel()
    deadline = nil
    takingDeadline?.cancel()
    takingDeadline = nil
    if let counted { connections.close(counted) }
    counted = nil
  }
}
