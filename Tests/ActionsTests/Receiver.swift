import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A web server on loopback that answers as it is told, one plan a request; after the last it takes all.
final class Receiver: Sendable {
  enum Plan: Sendable {
    case answer(UInt)
    case hang, hangUp
  }

  struct Request: Sendable {
    var method: String
    var path: String
    var headers: [String: String]
    var body: String
  }

  private struct State {
    var plans: [Plan]
    var requests: [Request] = []
  }

  private let state: Mutex<State>
  private let channel: any Channel

  private init(_ channel: any Channel, _ state: consuming Mutex<State>) {
    self.channel = channel
    self.state = state
  }

  static func start(_ plans: [Plan]) async throws -> Receiver {
    let box = Box()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { child in
        child.pipeline.configureHTTPServerPipeline().flatMapThrowing {
          try child.pipeline.syncOperations.addHandler(Handler(box))
        }
      }.bind(host: "127.0.0.1", port: 0).get()
    let receiver = Receiver(channel, Mutex(State(plans: plans)))
    box.receiver.withLock { $0 = receiver }
    return receiver
  }

  var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/alerts?for=us" }
  var requests: [Request] { state.withLock(\.requests) }
  func stop() async { try? await channel.close() }

  private func take(_ request: Request) -> Plan {
    state.withLock { state in
      state.requests.append(request)
      return state.plans.isEmpty ? .answer(204) : state.plans.removeFirst()
    }
  }

  private final class Box: Sendable {
    let receiver = Mutex<Receiver?>(nil)
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let box: Box
    private var request = Request(method: "", path: "", headers: [:], body: "")

    init(_ box: Box) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
        request = Request(
          method: head.method.rawValue, path: head.uri,
          headers: Dictionary(headers, uniquingKeysWith: { $1 }), body: "")
      case .body(let bytes): request.body += String(buffer: bytes)
      case .end:
        switch box.receiver.withLock({ $0 })?.take(request) {
        case .answer(let code): answer(context, code)
        case .hangUp: context.close(promise: nil)
        case .hang, nil: break
        }
      }
    }

    private func answer(_ context: ChannelHandlerContext, _ code: UInt) {
      let head = HTTPResponseHead(
        version: .http1_1, status: .init(statusCode: Int(code)),
        headers: ["Content-Length": "0", "Location": "/elsewhere"])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
