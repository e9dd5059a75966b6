import Events
import HTTPTypes
import Hummingbird
import Synchronization

/// Refuses an address that asks too often, whatever it asks for.
final class RateLimit: RouterMiddleware, Sendable {
  typealias Context = WebContext

  private let buckets: Mutex<TokenBuckets>
  private let clock: WebClock

  init(_ buckets: TokenBuckets, clock: WebClock) {
    self.buckets = Mutex(buckets)
    self.clock = clock
  }

  /// - Returns: false where the address must wait.
  func allows(_ address: NetworkAddress?) -> Bool {
    buckets.withLock { $0.take(address, at: clock.now()) }
  }

  @concurrent func handle(
    _ request: Request, context: WebContext,
    next: @concurrent (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    guard allows(context.client) else {
      throw HTTPError(.tooManyRequests, headers: [.retryAfter: "30"])
    }
    return try await next(request, context)
  }
}
