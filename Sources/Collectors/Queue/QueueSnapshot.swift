package import Events

/// A snapshot of the mail queue, as `postqueue -j` prints it: one JSON object a message and line.
///
/// All its events carry the snapshot's time: from digits in its file's name (`queue-20261005T0100`, local
/// time, or UTC with a `Z`), else the file's last change.
package final class QueueSnapshot: EventSource {
  package let fileName: String
  package var event = LogEvent()
  package private(set) var statistics = SourceStatistics()
  package let time: Instant
  private let stream: ByteStream

  package init(_ path: String, clock: LogClock) throws(CollectorError) {
    fileName = path
    stream = try ByteStream(path)
    time = Self.time(inName: path, clock: clock) ?? clock.reference
  }

  /// Whether the file begins as a snapshot does.
  package static func isOne(_ path: String) -> Bool {
    guard let stream = try? ByteStream(path), stream.next() else { return false }
    return stream.withLine { !$0.isEmpty && $0[0] == UInt8(ascii: "{") }
  }

  package var fault: CollectorError? { stream.fault }

  package func advance() -> Bool {
    while stream.next() {
      statistics.lines += 1
      var found = LogEvent()
      let isEvent = stream.withLine { line in QueueEntryLine.parse(line, into: &found) }
      if isEvent {
        found.time = time
        found.software = .postfix
        found.line = Int32(truncatingIfNeeded: statistics.lines)
        event = found
        statistics.events += 1
        return true
      }
      if stream.withLine({ !$0.isEmpty }) {
        statistics.badLines += 1
        if statistics.firstBadLine == 0 { statistics.firstBadLine = statistics.lines }
      }
    }
    return false
  }

  package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    stream.withLine(body)
  }

  /// Eight digits of a date and four or six of a time of day, with anything between them.
  static func time(inName path: String, clock: LogClock) -> Instant? {
    var clock = clock
    let name = Array(path.utf8.split(separator: UInt8(ascii: "/")).last ?? [])
    var digits: [Int] = []
    var isUTC = false
    for byte in name {
      if byte &- 48 < 10 {
        digits.append(Int(byte) - 48)
        isUTC = false
      } else if byte == UInt8(ascii: "Z"), digits.count >= 12 {
        isUTC = true
        break
      } else if digits.count >= 12 {
        break
      } else if ![UInt8(ascii: "T"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":")]
        .contains(byte)
      {
        digits = []
      }
    }
    guard digits.count >= 12, digits[0] == 1 || digits[0] == 2 else { return nil }
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
    let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
    let (hour, minute) = (number(8..<10), number(10..<12))
    let second = digits.count >= 14 ? number(12..<14) : 0
    guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else {
      return nil
    }
    if isUTC {
      return CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second
      ).instant()
    }
    return clock.instant(year, month, day, hour, minute, second)
  }
}
