import Events
import Glibc

/// The machine's clocks. Only this program reads them.
enum MachineClock {
  static var wall: Instant { instant(CLOCK_REALTIME) }
  /// What the wall's clock said when it was first asked for, and the time since: it takes no steps.
  static var unstepped: Instant { start.wall + (steadyInstant - start.steady) }
  private static let start = (wall: wall, steady: steadyInstant)
  /// Since the machine was started, also while it slept.
  static var steady: TimeSpan { steadyInstant - Instant(microseconds: 0) }
  /// The same, for what counts pauses from one time to the next.
  static var steadyInstant: Instant { instant(CLOCK_BOOTTIME) }
  /// Since the machine was started, without its sleep: the clock that systemd asks for.
  static var awake: Instant { instant(CLOCK_MONOTONIC) }
  /// The same in nanoseconds, for measuring.
  static var nanoseconds: Int {
    let time = read(CLOCK_MONOTONIC)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  private static func instant(_ clock: Int32) -> Instant {
    let time = read(clock)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  private static func read(_ clock: Int32) -> timespec {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time
  }
}
