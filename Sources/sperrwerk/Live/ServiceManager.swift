import CLibraries.Systemd
import Events

/// What systemd is told of this service: that it is ready, what it does, that its loop still turns.
///
/// Started by hand (no NOTIFY_SOCKET) it tells nobody. Only the loop's thread uses it, so that a loop that is stuck
/// falls silent and is restarted, while an idle one, which turns once a second, is left alone.
@safe struct ServiceManager {
  private var signs: LifeSigns
  private var turns = 0

  init() {
    var microseconds: UInt64 = 0
    // Nobody's where the variable names another process.
    let isWatched = unsafe sd_watchdog_enabled(0, &microseconds) > 0
    signs = LifeSigns(
      watchdog: isWatched ? TimeSpan(microseconds: Int64(clamping: microseconds)) : nil)
  }

  func ready() { tell("READY=1") }

  /// Before the settings are taken anew; `ready` says when that is over.
  func reloading() {
    tell("RELOADING=1\nMONOTONIC_USEC=\(MachineClock.awake.microseconds)")
  }

  /// What has been ordered is still carried out: that takes longer than a turn of the loop.
  func stopping() { tell("STOPPING=1\nWATCHDOG_USEC=300000000\nSTATUS=ending what was ordered") }

  /// After each turn of the loop.
  mutating func turned(_ status: @autoclosure () -> String) {
    if let words = signs.turn(at: MachineClock.awake, status: status) { tell(words) }
  }

  /// After some of the old logs; cheap, since it looks at the clock only now and then.
  mutating func warming(_ status: @autoclosure () -> String) {
    turns &+= 1
    guard turns & 1023 == 1 else { return }
    if let words = signs.warming(at: MachineClock.awake, status: status) { tell(words) }
  }

  private func tell(_ words: String) { _ = unsafe sd_notify(0, words) }
}
