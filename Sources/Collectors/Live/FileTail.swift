package import Events

/// A log that is still written to: first what its rotated files have, then the file itself, over every way in
/// which logs are rotated. Nothing is read twice, and half a line waits for its end.
///
/// Nothing blocks: `advance` is false where nothing more is there now.
package final class FileTail: EventSource {
  package let path: String
  /// Rotated files that are still to be read, oldest last.
  private var backlog: [String]
  private var source: LogSource?
  private var isBacklog = false
  /// The files that have come under the name since, oldest first: opened at once, so that they are found
  /// again whatever they are called when their turn comes.
  private var upcoming: [LogSource] = []
  /// How the file began when its end was seen last: it differs where the file was emptied and written anew.
  private var head: [UInt8] = []
  private var clock: LogClock
  private var notes: [String] = []
  /// Of the files before this one.
  private var earlier = SourceStatistics()

  /// - Parameters:
  ///   - since: rotated files that were last written to before this are left out.
  ///   - clock: for stamps without year or zone.
  package init(path: String, since: Instant, clock: LogClock) {
    self.path = path
    self.clock = clock
    let rotated = LogFiles.rotated(path).filter {
      (FileStatus(path: $0)?.changed ?? .distantPast) >= since
    }
    backlog = LogFiles.inOrder(rotated, clock: { _ in clock }).reversed()
  }

  package var event: LogEvent { source?.event ?? LogEvent() }
  package var fileName: String { source?.fileName ?? path }

  package var statistics: SourceStatistics {
    var sum = earlier
    if let now = source?.statistics { sum.add(now) }
    return sum
  }

  package var fault: CollectorError? { nil }

  package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    guard let source else { preconditionFailure("withLine is for after an advance that was true") }
    return source.withLine(body)
  }

  /// What is to be told to the operator, once each.
  package func takeNotes() -> [String] {
    defer { notes.removeAll() }
    return notes
  }

  package func advance() -> Bool {
    if let source, !head.isEmpty { beginAgainIfEmptied(source) }
    while true {
      if let source {
        if source.advance() { return true }
        if !goOn(from: source) { return false }
      } else if !openNext() {
        return false
      }
    }
  }

  // MARK: From file to file

  /// Whether there is more to read, in this file or in the next.
  private func goOn(from source: LogSource) -> Bool {
    if isBacklog {
      if let fault = source.fault { notes.append("\(fault)") }
      leave(source)
      return openNext()
    }
    guard let own = source.status else { return false }
    head = source.head(min(source.bytesRead, 256))
    noteNewFile(after: upcoming.last?.status ?? own)
    // A renamed file is written to until its writer reopens: the next one begins when it has something.
    guard upcoming.contains(where: { ($0.status?.size ?? 0) > 0 }) else { return false }
    if (source.status?.size ?? 0) > Int64(source.bytesRead) { return true }
    leave(source)
    self.source = upcoming.removeFirst()
    return true
  }

  /// copytruncate: what was written between the last look and the copy stands only in the copy.
  private func beginAgainIfEmptied(_ source: LogSource) {
    let isSame =
      (source.status?.size ?? 0) >= Int64(source.bytesRead) && source.head(head.count) == head
    head = []
    if isSame { return }
    notes.append("\(path): emptied in place; a line written just then may be missing")
    source.rewind()
  }

  private func noteNewFile(after last: FileStatus) {
    guard let named = FileStatus(path: path), !named.isSameFile(as: last) else { return }
    do { upcoming.append(try LogSource(path, clock: clock, follows: true)) } catch {
      notes.append("\(error)")
    }
  }

  private func leave(_ source: LogSource) {
    earlier.add(source.statistics)
    clock = source.clock
    self.source = nil
    head = []
  }

  private func openNext() -> Bool {
    while let rotated = backlog.popLast() {
      do {
        source = try LogSource(rotated, clock: clock)
        isBacklog = true
        return true
      } catch {
        notes.append("\(error)")
      }
    }
    isBacklog = false
    guard FileStatus(path: path) != nil else { return false }
    do {
      source = try LogSource(path, clock: clock, follows: true)
      return true
    } catch {
      notes.append("\(error)")
      return false
    }
  }
}

extension SourceStatistics {
  fileprivate mutating func add(_ other: SourceStatistics) {
    lines += other.lines
    events += other.events
    bytes += other.bytes
    cutLines += other.cutLines
  }
}
