package import Events
import Glibc

/// Turns the time stamps of one source into instants.
///
/// A traditional stamp has neither year nor zone. The year is the one that puts the stamp before the
/// reference time (the file's last change, or now) by less than a year, and then goes up by one where the
/// month falls back by half a year or more. What comes late from before New Year is of the year before, and the
/// clock stays where it is. The zone is fixed, or the machine's own rules; an hour that occurs twice is resolved
/// by the order in the file: once it has been left it is the second.
package struct LogClock: Sendable {
  /// The offset from UTC of stamps without a zone; nil follows the machine's own rules.
  package let zone: TimeSpan?
  /// No stamp is later, but by a clock that goes wrong.
  package private(set) var reference: Instant
  /// The reference goes with what is written: a quiet log's first line since January is not late.
  private var isFollowed = false
  private var year = 0
  private var lastMonth = 0
  private var dayKey = -1
  private var daySeconds: Int64 = 0
  private var last = Instant.distantPast
  /// The minute of the last full stamp as its 16 bytes, and what it began at in UTC.
  private var minuteBytes: (UInt64, UInt64) = (0, 0)
  private var minuteOffset: Int64 = .min
  private var minuteStart: Int64 = 0

  package init(zone: TimeSpan?, reference: Instant) {
    (self.zone, self.reference) = (zone, reference)
  }

  /// - Parameters: as the stamp has them.
  mutating func traditional(month: Int, day: Int, hour: Int, minute: Int, second: Int) -> Instant {
    if year == 0 {
      let offset = zone ?? .zero
      year = CivilTime(reference + offset).year
      if isAhead(month, day, hour) { year -= 1 }
      // A leap day needs a leap year.
      if month == 2, day == 29 { while !isLeap(year) { year -= 1 } }
    } else if lastMonth - month >= 6 {
      year += 1
      dayKey = -1
    } else if lastMonth == 1,
      (month == 12 && !isFollowed) || (month >= 7 && isAhead(month, day, hour))
    {
      // Late lines from before New Year; or a machine without a battery began at 1 January, and has the time again.
      return instant(year - 1, month, day, hour, minute, second)
    }
    if month != lastMonth { dayKey = -1 }
    lastMonth = month
    return instant(year, month, day, hour, minute, second)
  }

  /// The log has been written to at `time`: its stamps may be as late as that.
  package mutating func reach(_ time: Instant) {
    reference = max(reference, time)
    isFollowed = true
  }

  /// Whether a stamp of this year would be later than the reference.
  private func isAhead(_ month: Int, _ day: Int, _ hour: Int) -> Bool {
    let time = CivilTime(year: year, month: month, day: day, hour: hour)
    // A day's grace, since the reference may be in another zone.
    return time.instant(offset: zone ?? .zero) > reference + TimeSpan(seconds: 86_400)
  }

  mutating func instant(
    _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int
  ) -> Instant {
    let key = (year * 16 + month) * 32 + day
    if key != dayKey {
      daySeconds = CivilTime.days(year: year, month: month, day: day) * 86_400
      dayKey = key
    }
    let local = daySeconds + Int64(hour * 3600 + minute * 60 + second)
    guard zone == nil else { return Instant(seconds: local - zone!.seconds) }
    return machine(local)
  }

  /// The UTC second at which the minute of an RFC 3339 stamp begins, remembered from line to line.
  @inline(__always)
  mutating func minute(_ line: Span<UInt8>, _ at: Int, offset: Int64) -> Int64? {
    let bytes = unsafe line.bytes
    let first = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
    let second = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
    if minuteBytes == (first, second), minuteOffset == offset { return minuteStart }
    guard let century = line.twoDigits(at: at), let years = line.twoDigits(at: at + 2),
      let month = line.twoDigits(at: at + 5), let day = line.twoDigits(at: at + 8),
      let hour = line.twoDigits(at: at + 11), let minute = line.twoDigits(at: at + 14),
      month >= 1, month <= 12, day >= 1, day <= 31, hour < 24, minute < 60
    else { return nil }
    let days = CivilTime.days(year: century * 100 + years, month: month, day: day)
    minuteBytes = (first, second)
    minuteOffset = offset
    minuteStart = days * 86_400 + Int64(hour * 3600 + minute * 60) - offset
    return minuteStart
  }

  private func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private var offset: (from: Int64, to: Int64, seconds: Int64) = (0, 0, 0)

  /// What stamps without year or zone have told so far, to go on from after a restart.
  package struct Memory: Codable, Equatable, Sendable {
    var year, month: Int
    var last: Int64
    var offsetFrom, offsetTo, offsetSeconds: Int64
  }

  package var memory: Memory {
    get {
      Memory(
        year: year, month: lastMonth, last: last.microseconds,
        offsetFrom: offset.from, offsetTo: offset.to, offsetSeconds: offset.seconds)
    }
    set {
      (year, lastMonth) = (newValue.year, newValue.month)
      last = Instant(microseconds: newValue.last)
      offset = (newValue.offsetFrom, newValue.offsetTo, newValue.offsetSeconds)
      dayKey = -1
    }
  }

  /// By the machine's rules: the offset is looked up once an hour of log.
  private mutating func machine(_ local: Int64) -> Instant {
    if local < offset.from || local >= offset.to {
      let before = Self.machineOffset(local - 3 * 3600)
      let guess = Self.machineOffset(local - before)
      let hour = local - local % 3600
      offset = (hour, hour + 3600, guess)
      // The second of two equal hours, where the file has left the first.
      let first = Instant(seconds: local - before)
      if before > guess, first > last - TimeSpan(seconds: 60) { offset.seconds = before }
    }
    let instant = Instant(seconds: local - offset.seconds)
    if instant < last - TimeSpan(seconds: 1800) {
      let later = Self.machineOffset(instant.seconds + 3600)
      if later < offset.seconds {
        offset.seconds = later
        last = Instant(seconds: local - later)
        return last
      }
    }
    last = max(last, instant)
    return instant
  }

  private static func machineOffset(_ epoch: Int64) -> Int64 {
    var seconds = time_t(epoch)
    var parts = unsafe tm()
    unsafe localtime_r(&seconds, &parts)
    return Int64(unsafe parts.tm_gmtoff)
  }
}
