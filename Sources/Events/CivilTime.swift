/// The calendar date and time of day of an instant, at a fixed offset from UTC (proleptic Gregorian).
public struct CivilTime: Equatable, Sendable {
  public var year, month, day, hour, minute, second: Int

  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    (self.year, self.month, self.day) = (year, month, day)
    (self.hour, self.minute, self.second) = (hour, minute, second)
  }

  public init(_ instant: Instant, offset: TimeSpan = .zero) {
    let seconds = (instant + offset).seconds
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = Int(seconds - days * 86_400)
    (year, month, day) = Self.date(days: days)
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
  }

  public func instant(offset: TimeSpan = .zero) -> Instant {
    let days = Self.days(year: year, month: month, day: day)
    return Instant(seconds: days * 86_400 + Int64(hour * 3600 + minute * 60 + second)) - offset
  }

  /// Days since 1970-01-01. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  @inlinable public static func days(year: Int, month: Int, day: Int) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }

  private static func date(days: Int64) -> (Int, Int, Int) {
    let z = Int(days) + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let mp = (5 * dayOfYear + 2) / 153
    let month = mp < 10 ? mp + 3 : mp - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
  }
}

extension Instant {
  /// RFC 3339 in UTC, such as `2026-10-05T07:12:03.25Z`.
  /// - Parameter digits: how many digits of the second's fraction, 0 to 6: as precise as the log.
  public func rfc3339(digits: Int = 6) -> String {
    let civil = CivilTime(self)
    var text = ""
    text.reserveCapacity(28)
    func append(_ number: Int, width: Int) {
      let digits = String(number)
      for _ in digits.utf8.count..<max(width, digits.utf8.count) { text.append("0") }
      text.append(digits)
    }
    append(civil.year, width: 4)
    text.append("-")
    append(civil.month, width: 2)
    text.append("-")
    append(civil.day, width: 2)
    text.append("T")
    append(civil.hour, width: 2)
    text.append(":")
    append(civil.minute, width: 2)
    text.append(":")
    append(civil.second, width: 2)
    if digits > 0 {
      var fraction = Int(microseconds - seconds * 1_000_000)
      for _ in digits..<6 { fraction /= 10 }
      text.append(".")
      append(fraction, width: digits)
    }
    text.append("Z")
    return text
  }

  /// - Parameter text: RFC 3339, with `T` or a blank, and with a zone: `Z` or `+02:00`; or epoch
  ///   seconds, of nine digits or more: a year is none. Nil for anything else.
  public init?(rfc3339 text: String) {
    if let epoch = Int64(text), epoch >= 100_000_000 {
      self.init(seconds: epoch)
      return
    }
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard byte >= 48, byte <= 57 else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 32,
      bytes[13] == 58, bytes[16] == 58,
      let year = number(0..<4), let month = number(5..<7), (1...12).contains(month),
      let day = number(8..<10), (1...31).contains(day), let hour = number(11..<13), hour < 24,
      let minute = number(14..<16), minute < 60, let second = number(17..<19), second <= 60
    else { return nil }
    var at = 19
    var micros: Int64 = 0
    if bytes[at] == 46 {
      at += 1
      var scale: Int64 = 100_000
      while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 {
        micros += Int64(bytes[at] - 48) * scale
        scale /= 10
        at += 1
      }
    }
    var offset = 0
    guard at < bytes.count else { return nil }
    if bytes[at] == 43 || bytes[at] == 45 {
      let colon = at + 3 < bytes.count && bytes[at + 3] == 58 ? 1 : 0
      guard bytes.count == at + 5 + colon, let hours = number(at + 1..<at + 3),
        let minutes = number(at + 3 + colon..<at + 5 + colon)
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (bytes[at] == 45 ? -1 : 1)
    } else {
      guard bytes.count == at + 1, bytes[at] == 90 || bytes[at] == 122 else { return nil }
    }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    let whole = civil.instant(offset: TimeSpan(seconds: Int64(offset)))
    self.init(microseconds: whole.microseconds + micros)
  }
}
