import Events
import HTTPTypes
import Hummingbird
import Synchronization

/// How often each address may ask.
final class RateLimit: Sendable {
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
}

/// Refuses an address that asks too often, whatever it asks for, also for what is not there.
struct RateLimits: RouterMiddleware {
  typealias Context = WebContext
  /// Nil where this place does not serve it.
  let form, staff: RateLimit?

  @concurrent func handle(
    _ request: Request, context: WebContext,
    next: @concurrent (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    let isStaff = request.uri.path.hasPrefix("/staff")
    guard let limit = isStaff ? staff ?? form : form ?? staff else {
      return try await next(request, context)
    }
    guard limit.allows(context.client) else { return Self.refusal }
    return try await next(request, context)
  }

  /// Short, always the same, and the end of the connection: refusing must cost less than asking.
  static var refusal: Response {
    Response(
      status: .tooManyRequests,
      headers: [
        .contentType: "text/plain; charset=utf-8", .retryAfter: "30", .connection: "close",
      ],
      body: ResponseBody(
        byteBuffer: ByteBuffer(
          string: "Too many requests. Please wait half a minute.\n"
            + "Zu viele Anfragen. Bitte warten Sie eine halbe Minute.\n")))
  }
}

/// How many guesses at tokens all visitors together may make: one who has many addresses is still one.
final class FailureLimit: Sendable {
  private let bucket: Mutex<Buckets<Int>>
  private let clock: WebClock

  init(_ bucket: Buckets<Int>, clock: WebClock) {
    self.bucket = Mutex(bucket)
    self.clock = clock
  }

  /// - Returns: false where there were too many.
  func allows() -> Bool { bucket.withLock { $0.take(0, at: clock.now()) } }
}
