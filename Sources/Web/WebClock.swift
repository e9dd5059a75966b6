package import Events

/// The time as the pages see it: the program hands it in, and so do tests.
package struct WebClock: Sendable {
  package let now: @Sendable () -> Instant

  package init(now: @escaping @Sendable () -> Instant) { self.now = now }
}
