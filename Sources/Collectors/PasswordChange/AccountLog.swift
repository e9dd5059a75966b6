package import Events

/// A log of accounts and times: password changes, or customers' reports. Time stamps only.
///
/// Lines: `TIME ACCOUNT`, where TIME is RFC 3339 with a zone, epoch seconds, or a traditional stamp; a
/// panel's `2026-11-24T03:26:14+00:00 panel[30287]: password changed for anna@example.net from
/// 192.0.2.1`; and PAM's `pam_unix(chpasswd:chauthtok): password changed for msweb1`. Names are the
/// users' own choice: everything is read from the left, and an address only from the last word.
package final class AccountLog: EventSource {
  package let fileName: String
  package var event = LogEvent()
  package private(set) var statistics = SourceStatistics()
  private let stream: ByteStream
  private var clock: LogClock

  /// - Parameter follows: somebody may still write to it: `advance` may be called again at its end.
  package init(_ path: String, clock: LogClock, follows: Bool = false) throws(CollectorError) {
    fileName = path
    stream = try ByteStream(path, follows: follows)
    self.clock = clock
  }

  package var fault: CollectorError? { stream.fault }

  package func advance() -> Bool {
    while stream.next() {
      statistics.lines += 1
      let isEvent = stream.withLine { line in parse(line) }
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

  private func parse(_ line: Span<UInt8>) -> Bool {
    event = LogEvent()
    event.kind = .passwordChange
    if let header = SyslogHeader(line), header.form == .rfc3339 || header.form == .traditional,
      panel(line, header.message), header.time(line, &clock, &event)
    {
      event.host = header.host
      event.program = header.tag
      return true
    }
    guard let blank = line.find(.space, from: 0, to: line.count), blank > 8 else { return false }
    // A panel's own file has no host: `2026-11-24T03:26:14+00:00 panel[30287]: password changed for …`
    if let colon = line.find(": ", from: blank, to: min(line.count, blank + 60)),
      panel(line, colon + 2)
    {
      guard let time = Instant(rfc3339: String(copying: line.extracting(0..<blank))) else {
        return false
      }
      event.time = time
      return true
    }
    guard let time = Instant(rfc3339: String(copying: line.extracting(0..<blank))) else {
      return false
    }
    event.time = time
    var end = line.count
    while end > blank + 1, line[end - 1] == .space { end -= 1 }
    guard end > blank + 1, line.find(.space, from: blank + 1, to: end) == nil else { return false }
    event.saslLogin = Field(blank + 1..<end)
    return true
  }

  /// `password changed for NAME[ from ADDRESS]`, behind PAM's prefix where it has one.
  private func panel(_ line: Span<UInt8>, _ start: Int) -> Bool {
    var index = start
    if line.has("pam_unix(", at: start) {
      guard let colon = line.find("): ", from: start, to: line.count) else { return false }
      index = colon + 3
    }
    guard line.has("password changed for ", at: index) else { return false }
    let name = index + 21
    var end = line.count
    if let from = line.findLast(" from ", from: name, to: end),
      let address = NetworkAddress(line.extracting(from + 6..<end))
    {
      event.clientAddress = address
      end = from
    }
    guard end > name else { return false }
    event.saslLogin = Field(name..<end)
    return true
  }
}
