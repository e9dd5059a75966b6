package import Events
import HTTPTypes
import Hummingbird

/// Finds out who asks. A proxy's word counts only where the settings name that proxy: everybody else may write
/// any `X-Forwarded-For` he likes.
package struct ClientAddress: Sendable {
  package let proxies: [AddressRange]

  package init(proxies: [AddressRange]) { self.proxies = proxies }

  /// - Parameters:
  ///   - peer: the other end of the connection; a unix socket's is nil, and trusted.
  ///   - forwarded: the header's lines, in order.
  /// - Returns: the last address that no trusted proxy has.
  package func of(peer: NetworkAddress?, forwarded: [String]) -> NetworkAddress? {
    var client = peer
    var hops = forwarded.flatMap { $0.split(separator: ",") }[...]
    while client.map(isProxy) ?? true, let hop = hops.popLast() {
      // What is no address was not written by our proxy.
      guard let address = Self.address(hop) else { break }
      client = address
    }
    return client
  }

  private func isProxy(_ address: NetworkAddress) -> Bool {
    proxies.contains { $0.contains(address) }
  }

  /// An address with or without a port: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
  private static func address(_ hop: Substring) -> NetworkAddress? {
    let text = hop.drop { $0 == " " }.prefix { $0 != " " }
    if let address = NetworkAddress(String(text)) { return address }
    if text.first == "[", let end = text.firstIndex(of: "]") {
      return NetworkAddress(String(text[text.index(after: text.startIndex)..<end]))
    }
    return text.firstIndex(of: ":").flatMap { NetworkAddress(String(text[..<$0])) }
  }
}

struct ClientAddressMiddleware: RouterMiddleware {
  let rule: ClientAddress

  @concurrent func handle(
    _ request: Request, context: WebContext,
    next: @concurrent (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.client = rule.of(
      peer: context.peer, forwarded: request.headers[values: HTTPField.Name("X-Forwarded-For")!])
    return try await next(request, context)
  }
}
