import ArgumentParser
import Collectors
import Events
import Glibc

/// How time stamps without a year or a zone are read.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "When the logs were written, for stamps without a year (RFC 3339; default: each file's last change).",
      valueName: "time"))
  var referenceTime: String?

  @Option(
    help: ArgumentHelp(
      "Offset from UTC of stamps without a zone, such as +02:00 (default: this machine's zone).",
      valueName: "utc-offset"))
  var zone: String?

  func validate() throws {
    if let zone, Self.offset(zone) == nil {
      throw ValidationError("--zone '\(zone)' is no offset from UTC; write it as +02:00 or Z")
    }
    if let referenceTime, Instant(rfc3339: referenceTime) == nil {
      throw ValidationError(
        "--reference-time '\(referenceTime)' is no time; write it as 2026-10-05T00:00:00Z")
    }
  }

  /// - Returns: the clock for a file.
  func clock(for path: String) -> LogClock {
    let reference =
      referenceTime.flatMap { Instant(rfc3339: $0) } ?? Self.lastChange(path)
      ?? Instant(seconds: Int64(time(nil)))
    return LogClock(zone: zone.flatMap(Self.offset), reference: reference)
  }

  static func lastChange(_ path: String) -> Instant? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Instant(seconds: Int64(status.st_mtim.tv_sec))
  }

  /// `+02:00`, `-0330`, `+2`, `Z`.
  static func offset(_ text: String) -> TimeSpan? {
    if text == "Z" || text == "UTC" { return .zero }
    guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
    let digits = text.dropFirst().filter { $0 != ":" }
    guard (1...4).contains(digits.count), let number = Int64(digits), digits.allSatisfy(\.isNumber)
    else { return nil }
    let minutes = digits.count > 2 ? number / 100 * 60 + number % 100 : number * 60
    guard minutes <= 14 * 60, digits.count <= 2 || number % 100 < 60 else { return nil }
    return TimeSpan(seconds: (sign == "-" ? -60 : 60) * minutes)
  }
}
