package import Events

/// When a channel may be tried again: later and later while it fails, and not too often while it works.
package struct AlertPace: Equatable, Sendable {
  /// Between two that went well.
  package let least: TimeSpan
  private static let longest = TimeSpan(seconds: 300)
  private var failures = 0
  package private(set) var next = Instant.distantPast

  package init(least: TimeSpan) { self.least = least }

  package mutating func worked(at now: Instant) {
    failures = 0
    next = now + least
  }

  /// One second, two, four, up to five minutes.
  /// - Returns: whether this is the first failure in a row: it is said once.
  package mutating func failed(at now: Instant) -> Bool {
    failures += 1
    let pause = TimeSpan(seconds: 1 << Int64(min(failures - 1, 9)))
    next = now + min(pause, Self.longest)
    return failures == 1
  }
}
