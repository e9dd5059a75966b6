import Events

/// Something that is done at an interval, and at once when somebody rings; never twice at a time.
struct Rounds: Sendable {
  let every: TimeSpan
  private let rings: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation

  init(every: TimeSpan) {
    self.every = every
    (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func ring() { bell.yield() }

  /// Until its task is cancelled.
  func run(_ body: @escaping @Sendable () async -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        while !Task.isCancelled {
          bell.yield()
          try? await Task.sleep(for: .microseconds(every.microseconds))
        }
      }
      for await _ in rings { await body() }
      group.cancelAll()
    }
  }
}
