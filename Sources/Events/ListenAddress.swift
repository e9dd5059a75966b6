/// Where a server of ours listens, as settings and main.cf write it.
///
/// Shape: `127.0.0.1:10031`, `[::1]:10031` or `localhost:10031`; port 0 takes any.
package struct ListenAddress: Equatable, Sendable {
  /// Without brackets.
  package let host: String
  package let port: UInt16

  /// - Returns: nil unless all of `text` is an address and its port.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard NetworkAddress(host) != nil || host == "localhost" else { return nil }
    (self.host, self.port) = (host, port)
  }
}
