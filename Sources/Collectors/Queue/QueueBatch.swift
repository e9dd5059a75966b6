package import Events

/// Some lines of a listing of the queue (`postqueue -j`), all of one moment: a listing of 100,000 messages is
/// handed on in such pieces, and never as a whole.
package struct QueueBatch: Sendable, Equatable {
  /// When the listing was asked for.
  package let time: Instant
  /// Whole lines.
  package let bytes: [UInt8]

  package init(time: Instant, bytes: [UInt8]) { (self.time, self.bytes) = (time, bytes) }

  /// Hands over each message as an event of the batch's time, with its line.
  ///
  /// - Returns: how many lines were no message.
  package func read(_ take: (LogEvent, Span<UInt8>) -> Void) -> Int {
    var strange = 0
    let all = bytes.span
    var start = 0
    while start < all.count {
      var end = start
      while end < all.count, all[end] != 10 { end += 1 }
      let line = all.extracting(start..<end)
      start = end + 1
      var event = LogEvent()
      if line.count <= Field.longestLine, QueueEntryLine.parse(line, into: &event) {
        event.time = time
        event.software = .postfix
        take(event, line)
      } else if !line.isEmpty {
        strange += 1
      }
    }
    return strange
  }
}
