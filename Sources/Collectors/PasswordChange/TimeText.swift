package import Events

/// A time as panels, databases and programs write it.
package enum TimeText {
  /// RFC 3339; `2026-11-24 03:26:14`, with or without a fraction and an offset (`+01`, `+01:00`); seconds since
  /// 1970; or a traditional stamp. Nil for anything else. What has no zone is of the clock's.
  package static func instant(_ text: String, _ clock: LogClock) -> Instant? {
    var clock = clock
    var bytes = Array(text.utf8)
    while bytes.last.map({ $0 == 10 || $0 == 13 || $0 == 32 }) == true { bytes.removeLast() }
    guard let (time, end) = read(bytes.span, 0, &clock), end == bytes.count else { return nil }
    return time
  }

  /// The time that begins at `start`, and where it ends.
  static func read(_ line: Span<UInt8>, _ start: Int, _ clock: inout LogClock) -> (Instant, Int)? {
    guard start < line.count else { return nil }
    if line[start] &- 48 >= 10 { return traditional(line, start, &clock) }
    if start + 19 <= line.count, line[start + 4] == UInt8(ascii: "-"),
      line[start + 10] == UInt8(ascii: "T") || line[start + 10] == .space
    {
      return civil(line, start, &clock)
    }
    return epoch(line, start)
  }

  private static func civil(
    _ line: Span<UInt8>, _ start: Int, _ clock: inout LogClock
  ) -> (Instant, Int)? {
    guard let century = line.twoDigits(at: start), let years = line.twoDigits(at: start + 2),
      let month = line.twoDigits(at: start + 5), let day = line.twoDigits(at: start + 8),
      let hour = line.twoDigits(at: start + 11), let minute = line.twoDigits(at: start + 14),
      let second = line.twoDigits(at: start + 17), line[start + 13] == .colon,
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    let year = century * 100 + years
    var end = start + 19
    let micros = fraction(line, &end)
    if let offset = offset(line, &end) {
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
      return (civil.instant(offset: offset) + TimeSpan(microseconds: micros), end)
    }
    let local = clock.instant(year, month, day, hour, minute, second)
    return (local + TimeSpan(microseconds: micros), end)
  }

  private static func fraction(_ line: Span<UInt8>, _ end: inout Int) -> Int64 {
    guard end < line.count, line[end] == UInt8(ascii: ".") else { return 0 }
    end += 1
    var micros: Int64 = 0
    var scale: Int64 = 100_000
    while end < line.count, line[end] &- 48 < 10 {
      micros += Int64(line[end] - 48) * scale
      scale /= 10
      end += 1
    }
    return micros
  }

  /// `Z`, `+01`, `+0100` or `+01:00`, also behind a blank; nil where there is none.
  private static func offset(_ line: Span<UInt8>, _ end: inout Int) -> TimeSpan? {
    var at = end
    if at + 1 < line.count, line[at] == .space, isSign(line[at + 1]) { at += 1 }
    guard at < line.count else { return nil }
    if line[at] == UInt8(ascii: "Z") {
      end = at + 1
      return .zero
    }
    guard isSign(line[at]), at + 2 < line.count, let hours = line.twoDigits(at: at + 1) else {
      return nil
    }
    var minutes = 0
    end = at + 3
    let colon = end < line.count && line[end] == .colon ? 1 : 0
    if end + colon + 1 < line.count, let found = line.twoDigits(at: end + colon) {
      minutes = found
      end += colon + 2
    }
    let seconds = Int64(hours * 3600 + minutes * 60)
    return TimeSpan(seconds: line[at] == UInt8(ascii: "-") ? -seconds : seconds)
  }

  private static func isSign(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }

  /// Between 2001 and 2286 seconds since 1970 have ten digits.
  private static func epoch(_ line: Span<UInt8>, _ start: Int) -> (Instant, Int)? {
    var end = start
    guard let seconds = line.number(at: &end, to: line.count), end - start == 10 else { return nil }
    let micros = fraction(line, &end)
    return (Instant(microseconds: seconds * 1_000_000 + micros), end)
  }

  private static func traditional(
    _ line: Span<UInt8>, _ start: Int, _ clock: inout LogClock
  ) -> (Instant, Int)? {
    guard start + 15 <= line.count else { return nil }
    let header = SyslogHeader(form: .traditional, stamp: start)
    var event = LogEvent()
    guard header.time(line, &clock, &event) else { return nil }
    return (event.time, start + (line[start + 8] == .colon ? 14 : 15))
  }
}
