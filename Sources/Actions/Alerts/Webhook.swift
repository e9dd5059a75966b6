import AsyncHTTPClient
package import Crypto
package import Events
import Foundation
import NIOCore
import NIOHTTP1

/// Posts alerts as JSON to an address of the operator's, signed.
///
/// `X-Sperrwerk-Signature: sha256=HEX` is the HMAC-SHA256 of `TIME.BODY`, where TIME is the header
/// `X-Sperrwerk-Time` (seconds since 1970): the receiver can refuse what is forged and what is old. The same
/// alert may come twice after a crash; its `id` tells.
package struct Webhook: AlertChannel {
  package let name = Alert.Channel.webhook
  private let url: String
  private let key: SymmetricKey
  private let limit: TimeAmount
  private let client: HTTPClient

  /// - Parameter limit: the longest that an answer may take, in milliseconds.
  package init(url: String, secret: String, limit: Int64 = 10_000) {
    self.url = url
    key = SymmetricKey(data: Data(secret.utf8))
    self.limit = .milliseconds(limit)
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .milliseconds(min(limit, 5000))
    configuration.httpVersion = .http1Only
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  package func close() async { try? await client.shutdown() }

  package func send(_ report: AlertReport, at now: Instant) async throws(ActionError) {
    let body = report.json
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.headers.add(name: "X-Sperrwerk-Time", value: "\(now.seconds)")
    request.headers.add(
      name: "X-Sperrwerk-Signature",
      value: "sha256=" + Self.signature(body, at: now.seconds, key: key))
    request.body = .bytes(body)
    let status: UInt
    do {
      status = try await client.execute(request, timeout: limit).status.code
    } catch {
      throw fault("cannot be reached: \(error)")
    }
    guard (200..<300).contains(status) else { throw fault("answered \(status)") }
  }

  private func fault(_ problem: String) -> ActionError {
    // The path may hold the receiver's own secret.
    ActionError(
      place: "alerts.webhook", problem: problem,
      remedy: "see that its address is right and its server runs; it is tried again")
  }

  /// In lower-case hex.
  package static func signature(_ body: [UInt8], at seconds: Int64, key: SymmetricKey) -> String {
    var code = HMAC<SHA256>(key: key)
    code.update(data: Data("\(seconds).".utf8))
    code.update(data: Data(body))
    return HexText.of(code.finalize())
  }
}
