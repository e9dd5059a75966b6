import Events

/// One object of `postqueue -j`. Values stay ranges of the line; only the keys at the top level and
/// those of the first delayed recipient are looked at.
enum QueueEntryLine {
  static func parse(_ line: Span<UInt8>, into event: inout LogEvent) -> Bool {
    var scanner = JSONScanner()
    guard scanner.take(UInt8(ascii: "{"), line) else { return false }
    event.kind = .queueEntry
    var recipients = 0
    if scanner.take(UInt8(ascii: "}"), line) { return false }
    repeat {
      guard let key = scanner.string(line), scanner.take(.colon, line) else { return false }
      if line.has("queue_id\"", at: key.lowerBound) {
        guard let value = scanner.string(line) else { return false }
        event.queueID = Field(value)
      } else if line.has("queue_name\"", at: key.lowerBound) {
        guard let value = scanner.string(line) else { return false }
        event.queueName = Field(value)
      } else if line.has("sender\"", at: key.lowerBound) {
        guard let value = scanner.string(line) else { return false }
        event.envelopeSender = Field(value)
      } else if line.has("arrival_time\"", at: key.lowerBound) {
        guard let value = scanner.number(line) else { return false }
        event.arrivalTime = Instant(seconds: value)
      } else if line.has("message_size\"", at: key.lowerBound) {
        guard let value = scanner.number(line) else { return false }
        event.sizeBytes = value
      } else if line.has("recipients\"", at: key.lowerBound) {
        guard self.recipients(line, &scanner, &recipients, &event) else { return false }
      } else {
        guard scanner.skip(line, depth: 0) else { return false }
      }
    } while scanner.take(.comma, line)
    guard scanner.take(UInt8(ascii: "}"), line), event.queueID.hasText else { return false }
    event.recipientCount = Int32(recipients)
    return true
  }

  private static func recipients(
    _ line: Span<UInt8>, _ scanner: inout JSONScanner, _ count: inout Int, _ event: inout LogEvent
  ) -> Bool {
    guard scanner.take(.opening, line) else { return false }
    if scanner.take(.closing, line) { return true }
    repeat {
      guard scanner.take(UInt8(ascii: "{"), line) else { return false }
      var address: Range<Int>? = nil
      var reason: Range<Int>? = nil
      repeat {
        guard let key = scanner.string(line), scanner.take(.colon, line) else { return false }
        guard let value = scanner.string(line) else { return false }
        if line.has("address\"", at: key.lowerBound) { address = value }
        if line.has("delay_reason\"", at: key.lowerBound) { reason = value }
      } while scanner.take(.comma, line)
      guard scanner.take(UInt8(ascii: "}"), line) else { return false }
      count += 1
      if event.reply.isAbsent, let reason { event.reply = Field(reason) }
      if event.recipient.isAbsent || event.reply.isAbsent, let address {
        event.recipient = Field(address)
      }
    } while scanner.take(.comma, line)
    return scanner.take(.closing, line)
  }
}

/// Walks over JSON without making anything of it.
struct JSONScanner {
  private(set) var at = 0

  private mutating func blanks(_ line: Span<UInt8>) {
    while at < line.count, line[at] == .space || line[at] == 9 || line[at] == 13 { at += 1 }
  }

  mutating func take(_ byte: UInt8, _ line: Span<UInt8>) -> Bool {
    blanks(line)
    guard at < line.count, line[at] == byte else { return false }
    at += 1
    return true
  }

  /// The range between the quotation marks.
  mutating func string(_ line: Span<UInt8>) -> Range<Int>? {
    guard take(.quote, line) else { return nil }
    let start = at
    while at < line.count {
      if line[at] == UInt8(ascii: "\\") {
        at += 2
      } else if line[at] == .quote {
        at += 1
        return start..<at - 1
      } else {
        at += 1
      }
    }
    return nil
  }

  mutating func number(_ line: Span<UInt8>) -> Int64? {
    blanks(line)
    return line.number(at: &at, to: line.count)
  }

  /// Over a value of any kind.
  mutating func skip(_ line: Span<UInt8>, depth: Int) -> Bool {
    blanks(line)
    guard at < line.count, depth < 16 else { return false }
    switch line[at] {
    case .quote: return string(line) != nil
    case UInt8(ascii: "{"), .opening:
      let isObject = line[at] == UInt8(ascii: "{")
      let end = isObject ? UInt8(ascii: "}") : UInt8.closing
      at += 1
      if take(end, line) { return true }
      repeat {
        if isObject { guard string(line) != nil, take(.colon, line) else { return false } }
        guard skip(line, depth: depth + 1) else { return false }
      } while take(.comma, line)
      return take(end, line)
    default:
      let start = at
      while at < line.count, line[at] != .comma, line[at] != UInt8(ascii: "}"), line[at] != .closing
      {
        at += 1
      }
      return at > start
    }
  }
}
