import Crypto
import Events
import Foundation
import HTTPTypes
import Hummingbird
import ServiceLifecycle
import Synchronization

/// Tells open pages that something has changed, by server-sent events. Each page then loads itself anew: what is
/// sent here says nothing but "change".
final class LiveUpdates: Sendable {
  /// After so long a page is taken anew in any case: it says how old the sources' last events are.
  private static let longest = Duration.seconds(30)
  /// Pages that may listen at once.
  private static let most = 50
  private let desk: StaffDesk
  private let listeners: Listeners
  private let interval: Duration

  init(desk: StaffDesk, interval: Duration) {
    (self.desk, self.interval) = (desk, interval)
    listeners = Listeners(most: Self.most)
  }

  /// - Parameter isWelcome: asked again and again; the stream ends with the session.
  func response(isWelcome: @escaping @Sendable () -> Bool) async throws -> Response {
    // Taken before the answer begins: of many that ask at once none is let in by another's count.
    guard let place = listeners.place() else { throw HTTPError(.serviceUnavailable) }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream", .cacheControl: "no-store",
        // Proxies that gather answers would keep the news back. Source: nginx, proxy_buffering.
        HTTPField.Name("X-Accel-Buffering")!: "no",
      ],
      body: ResponseBody { writer in
        defer { withExtendedLifetime(place) {} }
        // A first word, so that the browser knows it is open.
        try await writer.write(ByteBuffer(string: ": here\n\n"))
        var known = await self.state()
        var told = ContinuousClock.now
        for await _ in self.ticks.cancelOnGracefulShutdown() {
          guard isWelcome() else { break }
          let fresh = await self.state()
          if fresh == known, .now - told < Self.longest { continue }
          (known, told) = (fresh, .now)
          // Also shows whether the page is still there.
          try await writer.write(ByteBuffer(string: "event: change\ndata: \n\n"))
        }
        try await writer.finish(nil)
      })
  }

  private var ticks: AsyncStream<Void> {
    let interval = interval
    return AsyncStream(unfolding: { try? await Task.sleep(for: interval) })
  }

  /// What a page would show, as a number.
  private func state() async -> String? {
    var bytes = Data()
    let encoder = JSONEncoder()
    // The same every time.
    encoder.outputFormatting = .sortedKeys
    for command in [OperatorRequest.Command.status, .cases] {
      guard var reply = try? await desk.ask(OperatorRequest(command), "staff") else { return nil }
      if case .status(var status) = reply.data {
        // These move all the time; a page that jumps every two seconds cannot be read.
        status.engineTime = Instant(seconds: 0)
        status.linesRead = 0
        status.messages = 0
        status.unattributed = 0
        status.sources = status.sources.map {
          .init(name: $0.name, lines: 0, lastEvent: nil, fault: $0.fault)
        }
        reply.data = .status(status)
      }
      bytes += (try? encoder.encode(reply)) ?? Data()
    }
    return HexText.of(SHA256.hash(data: bytes))
  }
}

/// Who listens, so many at the most.
private final class Listeners: Sendable {
  /// Held as long as somebody listens, or is going to: an answer that is never written gives it back, too.
  final class Place: Sendable {
    private let listeners: Listeners

    fileprivate init(_ listeners: Listeners) { self.listeners = listeners }
    deinit { listeners.count.subtract(1, ordering: .relaxed) }
  }

  private let most: Int
  private let count = Atomic<Int>(0)

  init(most: Int) { self.most = most }

  /// - Returns: nil where there is none.
  func place() -> Place? {
    if count.add(1, ordering: .relaxed).newValue <= most { return Place(self) }
    count.subtract(1, ordering: .relaxed)
    return nil
  }
}
