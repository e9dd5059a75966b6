import NIOCore
package import NIOPosix

/// Which website stands behind a client on this machine that gives no login.
///
/// The kernel's table can be long, so it is read beside the connections, which go on meanwhile.
package struct LocalClients: Sendable {
  /// By client, its port and the port it came to.
  package typealias Find = @Sendable (String, Int, Int) -> Int32?

  private let pool: NIOThreadPool
  private let find: Find

  /// - Parameter find: looks in the kernel's table; another one for tests.
  package init(pool: NIOThreadPool = .singleton, find: Find? = nil) {
    self.pool = pool
    self.find = find ?? { SocketTable.uid(client: $0, port: $1, serverPort: $2) }
  }

  /// Whether the request is such a client's.
  static func concerns(_ request: PolicyRequest) -> Bool {
    request.login.isEmpty && request.clientPort > 0 && request.serverPort > 0
      && (request.clientAddress == "::1" || request.clientAddress.hasPrefix("127."))
  }

  func uid(of request: PolicyRequest, on loop: any EventLoop) -> EventLoopFuture<Int32?> {
    let find = find
    let (address, port, serverPort) = (
      request.clientAddress, request.clientPort, request.serverPort
    )
    return pool.runIfActive(eventLoop: loop) { find(address, port, serverPort) }
  }
}
