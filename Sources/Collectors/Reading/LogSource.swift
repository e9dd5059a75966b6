package import Events

/// What a source has read so far.
package struct SourceStatistics: Sendable {
  package var lines = 0
  package var events = 0
  package var bytes = 0
  /// Lines longer than `Field.longestLine`, of which only that much was read.
  package var cutLines = 0
  /// Lines that should have been readable and are not (a queue snapshot's, a password log's).
  package var badLines = 0
  package var firstBadLine = 0
  package var hasHalfLine = false
}

/// Something that gives events in the order in which it holds them; the caller merges several by time.
package protocol EventSource: AnyObject {
  /// As the operator named it.
  var fileName: String { get }
  var event: LogEvent { get }
  var statistics: SourceStatistics { get }
  /// What stopped the reading before the end.
  var fault: CollectorError? { get }
  /// Moves to the next event; false at the end.
  func advance() -> Bool
  /// The line that `event` stands in. Good until the next `advance`.
  func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result
}

/// A mail log: one file, as it is or compressed.
package final class LogSource: EventSource {
  package let fileName: String
  package var event = LogEvent()
  package private(set) var statistics = SourceStatistics()
  private let stream: ByteStream
  private var parser: LineParser

  /// - Parameter clock: for stamps without year or zone; it goes on from file to file of one log.
  package init(_ path: String, clock: LogClock) throws(CollectorError) {
    fileName = path
    stream = try ByteStream(path)
    parser = LineParser(clock: clock)
  }

  package var fault: CollectorError? {
    stream.fault.map {
      CollectorError(
        place: "\($0.place):\(statistics.lines + 1)", problem: $0.problem, remedy: $0.remedy)
    }
  }

  /// Only reads, for a measurement.
  package func countLines() -> Int {
    while stream.next() { statistics.lines += 1 }
    return statistics.lines
  }

  package var bytesRead: Int { stream.bytesRead }

  /// The clock as the log has set it, for the next file.
  package var clock: LogClock { parser.clock }

  package func advance() -> Bool {
    while stream.next() {
      statistics.lines += 1
      if stream.wasCut { statistics.cutLines += 1 }
      // Half of a line may say another thing than the whole: `status=…` of a longer word, a shorter login.
      if !stream.hasNewline {
        statistics.hasHalfLine = true
        break
      }
      let isEvent = stream.withLine { line in parser.parse(line, into: &event) }
      if isEvent {
        event.line = Int32(truncatingIfNeeded: statistics.lines)
        statistics.events += 1
        return true
      }
    }
    statistics.bytes = stream.bytesRead
    return false
  }

  @inline(__always)
  package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    stream.withLine(body)
  }
}
