package import Events

/// A log of accounts and times: password changes, or customers' reports. Time stamps only.
///
/// Its lines are `AccountLine`'s.
package final class AccountLog: EventSource {
  package let fileName: String
  package var event = LogEvent()
  package private(set) var statistics = SourceStatistics()
  private let stream: ByteStream
  private var clock: LogClock
  private let form = AccountLine()

  package init(_ path: String, clock: LogClock) throws(CollectorError) {
    fileName = path
    stream = try ByteStream(path)
    self.clock = clock
  }

  package var fault: CollectorError? { stream.fault }

  package func advance() -> Bool {
    while stream.next() {
      statistics.lines += 1
      let isEvent = stream.withLine { line in form.parse(line, &clock, into: &event) }
      if isEvent {
        event.line = Int32(truncatingIfNeeded: statistics.lines)
        statistics.events += 1
        return true
      }
      if stream.withLine({ !$0.isEmpty && $0[0] != UInt8(ascii: "#") }) {
        statistics.badLines += 1
        if statistics.firstBadLine == 0 { statistics.firstBadLine = statistics.lines }
      }
    }
    return false
  }

  package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    stream.withLine(body)
  }
}
