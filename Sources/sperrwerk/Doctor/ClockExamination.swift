import CLibraries.Clock
import Events
import Glibc

/// Password changes are compared with suspensions by time: the clock must be kept right.
struct ClockExamination: Examination {
  static let area = Finding.Area.clock
  init(_ settings: LiveSettings) {}

  func findings() async -> [Finding] {
    let now = MachineClock.wall.rfc3339(digits: 0)
    var state = timex()
    // Source: adjtimex(2): TIME_ERROR is a clock that nobody keeps synchronised.
    let isKept = unsafe adjtimex(&state) != TIME_ERROR
    return [
      finding(
        now >= "2026", "the clock says \(now)", "set the clock: timedatectl set-time, or chronyd"),
      finding(
        isKept, "the clock is kept by time synchronisation (NTP)",
        "apt install chrony; where the host keeps a guest's clock, this may be ignored"),
    ]
  }
}
