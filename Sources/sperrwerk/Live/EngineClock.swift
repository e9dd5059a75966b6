import Events

/// The engine's own time: that of the wall, but it never runs backwards and takes no steps.
///
/// Somebody sets the machine's clock an hour back or forth: stamps in the logs follow it, and windows and grace
/// periods must neither stand still nor run out. What was stepped is made up for, in `now` and in the stamps alike.
struct EngineClock {
  /// The least that is a step and no drift.
  static let step = TimeSpan(seconds: 5)

  /// What is added to a stamp of the wall clock.
  private(set) var shift = TimeSpan.zero
  private var wall: Instant
  private var steady: TimeSpan
  private(set) var now: Instant

  /// - Parameters:
  ///   - wall: what the machine's clock says.
  ///   - steady: since the machine was started, also while it slept.
  ///   - engine: the engine's time when it was stopped.
  init(wall: Instant, steady: TimeSpan, engine: Instant = .distantPast) {
    (self.wall, self.steady) = (wall, steady)
    if engine - wall > Self.step { shift = engine - wall }
    now = wall + shift
  }

  /// Looks at both clocks.
  /// - Returns: how far the machine's clock was stepped since the last look; nil where it was not.
  mutating func look(wall: Instant, steady: TimeSpan) -> TimeSpan? {
    let expected = self.wall + (steady - self.steady)
    let stepped = wall - expected
    (self.wall, self.steady) = (wall, steady)
    let isStep = stepped > Self.step || stepped < TimeSpan.zero - Self.step
    if isStep { shift = shift - stepped }
    now = max(now, wall + shift)
    return isStep ? stepped : nil
  }

  /// The engine's time for what bears this stamp: a stamp that is ahead must not pull everything with it.
  func time(of stamp: Instant) -> Instant { min(shifted(stamp), now + Self.step) }

  /// A stamp as this service counts time.
  func shifted(_ stamp: Instant) -> Instant { stamp + shift }

  /// The stamp that the wall clock had at an engine's time.
  func wall(_ time: Instant) -> Instant { time - shift }
}

extension TimeSpan {
  fileprivate static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(microseconds: a.microseconds - b.microseconds)
  }
}
