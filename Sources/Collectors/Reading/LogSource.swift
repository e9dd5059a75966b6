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
  /// Lines that begin with no stamp that we know; counted up to the last end.
  package var strangeLines = 0
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
  /// Of a log of accounts and times; nil where it is a mail log.
  private var accounts: AccountLine?
  /// The failed login on the line before this one: syslog may say no more than that it was repeated.
  private var failure: (event: LogEvent, line: [UInt8])?
  /// `event` is such a repetition; its fields stand in the line kept.
  private var isRepetition = false
  /// Lines of the file that were read before this source began.
  private var earlierLines = 0

  /// - Parameter clock: for stamps without year or zone; it goes on from file to file of one log.
  /// - Parameter follows: somebody may still write to it: `advance` may be called again at its end.
  package init(_ path: String, clock: LogClock, follows: Bool = false) throws(CollectorError) {
    fileName = path
    stream = try ByteStream(path, follows: follows)
    parser = LineParser(clock: clock)
  }

  /// A file of a log that is followed, from its beginning or from where a cursor stands in it.
  init(
    _ file: OpenFile, follows: Bool, memory: Memory, accounts: AccountLine? = nil,
    offset: Int = 0, lines: Int = 0
  ) throws(CollectorError) {
    self.accounts = accounts
    fileName = file.path
    stream = try ByteStream(file, follows: follows, from: offset)
    parser = LineParser(clock: memory.clock)
    earlierLines = lines
    noteLastChange()
    remember(memory.failure)
  }

  package var fault: CollectorError? {
    stream.fault.map {
      CollectorError(
        place: "\($0.place):\(lineNumber + 1)", problem: $0.problem, remedy: $0.remedy)
    }
  }

  /// Only reads, for a measurement.
  package func countLines() -> Int {
    while stream.next() { statistics.lines += 1 }
    return statistics.lines
  }

  package var bytesRead: Int { stream.bytesRead }
  var file: OpenFile { stream.file }
  var position: Int { stream.position }
  var head: [UInt8] { stream.head }
  /// Of the line that was read last.
  var lineNumber: Int { earlierLines + statistics.lines }

  /// More may have been written since its end was seen.
  func noteLastChange() {
    if let changed = file.status?.changed { parser.clock.reach(changed) }
  }

  /// The file was emptied in place.
  func rewind() {
    stream.rewind()
    earlierLines = -statistics.lines
    failure = nil
  }

  /// What a log's next line may need to know of those before it.
  struct Memory: Sendable {
    var clock: LogClock
    /// The failed login before it: syslog may say no more than that it was repeated.
    var failure: [UInt8]?
  }

  var memory: Memory { Memory(clock: parser.clock, failure: failure?.line) }

  private func remember(_ line: [UInt8]?) {
    guard let line else { return }
    // The clock has read this line already.
    var again = parser
    var event = LogEvent()
    if again.parse(line.span, into: &event) { failure = (event, line) }
  }

  package func advance() -> Bool {
    while stream.next() {
      statistics.lines += 1
      if stream.wasCut { statistics.cutLines += 1 }
      // Half of a line may say another thing than the whole: `status=…` of a longer word, a shorter login.
      if !stream.hasNewline {
        statistics.hasHalfLine = true
        break
      }
      isRepetition = false
      if let accounts {
        if readAccount(accounts) { return true }
        continue
      }
      let isEvent = stream.withLine { line in parser.parse(line, into: &event) }
      if isEvent {
        keepFailure()
        event.line = Int32(truncatingIfNeeded: lineNumber)
        statistics.events += 1
        return true
      }
      if failure != nil, repeatsFailure() { return true }
    }
    statistics.bytes = stream.bytesRead
    statistics.strangeLines = parser.strangeLines
    return false
  }

  @inline(__always)
  package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    if isRepetition, let failure { return body(failure.line.span) }
    return stream.withLine(body)
  }

  private func readAccount(_ form: AccountLine) -> Bool {
    let isEvent = stream.withLine { form.parse($0, &parser.clock, into: &event) }
    guard isEvent else {
      if stream.withLine({ !$0.isEmpty && $0[0] != UInt8(ascii: "#") }) { noteBadLine() }
      return false
    }
    event.line = Int32(truncatingIfNeeded: lineNumber)
    statistics.events += 1
    return true
  }

  private func noteBadLine() {
    statistics.badLines += 1
    if statistics.firstBadLine == 0 { statistics.firstBadLine = lineNumber }
  }

  private func keepFailure() {
    // The classic form comes with stamps without a fraction.
    guard event.timeDigits == 0, event.kind == .login, event.result == .failure else {
      if failure != nil { failure = nil }
      return
    }
    let bytes = stream.withLine { unsafe $0.withUnsafeBufferPointer { unsafe Array($0) } }
    failure = (event, bytes)
    // What an earlier line said was about another.
    _ = parser.takeRepetitions()
  }

  /// Whether the line says that the failure before it was repeated; `event` is then that failure.
  private func repeatsFailure() -> Bool {
    guard let last = failure else { return false }
    let times = parser.takeRepetitions()
    guard times > 0 else {
      failure = nil
      return false
    }
    event = last.event
    event.repeated = times
    event.line = Int32(truncatingIfNeeded: lineNumber)
    isRepetition = true
    statistics.events += 1
    return true
  }
}
