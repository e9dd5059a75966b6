package import Events
package import Foundation

/// Times as people write them.
package struct ShownTime: Sendable {
  private let zone: TimeZone

  /// - Parameter zone: such as `Europe/Berlin`.
  package init(zone: TimeZone) { self.zone = zone }

  /// `24.11.2026, 04:05 Uhr` or `24 Nov 2026, 04:05`.
  package func text(_ time: Instant, _ language: Language) -> String {
    let parts = parts(time)
    let clock = "\(two(parts.hour)):\(two(parts.minute))"
    return switch language {
    case .german: "\(two(parts.day)).\(two(parts.month)).\(parts.year), \(clock) Uhr"
    case .english: "\(parts.day) \(Self.months[parts.month - 1]) \(parts.year), \(clock)"
    }
  }

  /// `04:05`, and the day before it where it is another than that of `now`.
  package func short(_ time: Instant, now: Instant) -> String {
    let parts = parts(time)
    let clock = "\(two(parts.hour)):\(two(parts.minute))"
    let today = self.parts(now)
    return (parts.day, parts.month, parts.year) == (today.day, today.month, today.year)
      ? clock : "\(parts.day) \(Self.months[parts.month - 1]) \(clock)"
  }

  /// `04:05`.
  package func clock(_ time: Instant) -> String {
    let parts = parts(time)
    return "\(two(parts.hour)):\(two(parts.minute))"
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private func parts(_ time: Instant) -> (year: Int, month: Int, day: Int, hour: Int, minute: Int) {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let date = Date(timeIntervalSince1970: Double(time.seconds))
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
    return (
      parts.year ?? 0, parts.month ?? 1, parts.day ?? 1, parts.hour ?? 0, parts.minute ?? 0
    )
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
