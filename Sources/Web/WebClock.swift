package import Events

/// The time as the pages see it: the program hands it in, and so do tests.
package struct WebClock: Sendable {
  package let now: @Sendable () -> Instant
  /// A clock that nobody sets, for how long something lasts.
  package let unstepped: @Sendable () -> Instant

  package init(
    now: @escaping @Sendable () -> Instant, unstepped: @escaping @Sendable () -> Instant
  ) {
    (self.now, self.unstepped) = (now, unstepped)
  }
}
