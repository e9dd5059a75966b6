import Events

/// The engine's own time: that of the wall, but it never runs backwards and takes no steps.
///
/// Somebody sets the machine's clock an hour back or forth: stamps in the logs follow it, and windows and grace
/// periods must neither stand still nor run out. What was stepped is made up for, in `now` and in the stamps alike,
/// and then given back little by little: it runs a tenth slower or faster until it is that of the wall again.
struct EngineClock {
  /// The least that is a step and no drift.
  static let step = TimeSpan(seconds: 5)
  /// Of the time that passes this part is given back: windows and grace periods hardly notice.
  private static let part: Int64 = 10

  /// What is added to a stamp of the wall clock.
  private(set) var shift = TimeSpan.zero
  private var wall: Instant
  private var steady: TimeSpan
  /// Microseconds that passed and of which nothing was given back yet.
  private var owed: Int64 = 0
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
    let passed = steady - self.steady
    let stepped = wall - (self.wall + passed)
    (self.wall, self.steady) = (wall, steady)
    let isStep = stepped > Self.step || stepped < TimeSpan.zero - Self.step
    if isStep { shift = shift - stepped } else { giveBack(passed) }
    now = max(now, wall + shift)
    return isStep ? stepped : nil
  }

  private mutating func giveBack(_ passed: TimeSpan) {
    // Two looks may come so soon after one another that there is no tenth.
    owed += passed.microseconds
    let most = owed / Self.part
    owed -= most * Self.part
    let given = max(-most, min(most, shift.microseconds))
    shift = TimeSpan(microseconds: shift.microseconds - given)
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
