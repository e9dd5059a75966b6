import Events

/// `QID: to=<…>, orig_to=<…>, relay=…, …, dsn=…, status=… (…)`: what became of one recipient.
///
/// The fields stand in a fixed order and are read from the left. The reply in the parentheses is the
/// remote server's text: nothing is looked for in it but its last word.
enum PostfixDelivery {
  static func parse(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    let end = line.count
    var index = start
    guard line.has("to=<", at: index) else { return false }
    index += 4
    guard
      let recipientEnd = PostfixText.closingBracket(
        line, index, end,
        followedBy: {
          line.has(", relay=", at: $0) || line.has(", orig_to=<", at: $0)
            || line.has(", delay=", at: $0) || line.has(", status=", at: $0)
        })
    else { return false }
    event.recipient = Field(index..<recipientEnd)
    index = recipientEnd + 3
    if line.has("orig_to=<", at: index) {
      index += 9
      guard
        let originalEnd = PostfixText.closingBracket(
          line, index, end,
          followedBy: { line.has(", relay=", at: $0) || line.has(", delay=", at: $0) })
      else { return false }
      event.originalRecipient = Field(index..<originalEnd)
      index = originalEnd + 3
    }
    return fields(line, index, end, &event)
  }

  private static func fields(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    var index = start
    while index < end {
      guard let equals = line.find(UInt8(ascii: "="), from: index, to: min(end, index + 16)) else {
        return false
      }
      let value = equals + 1
      if line.has("status=", at: index) { return status(line, value, end, &event) }
      var comma = value
      while comma + 1 < end, !(line[comma] == .comma && line[comma + 1] == .space) { comma += 1 }
      guard comma + 1 < end else { return false }
      if line.has("relay=", at: index) {
        event.relay = Field(value..<comma)
      } else if line.has("dsn=", at: index) {
        event.dsn = Field(value..<comma)
      }
      index = comma + 2
    }
    return false
  }

  private static func status(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    let wordEnd = line.find(.space, from: start, to: end) ?? end
    guard let status = word(line, start, wordEnd) else { return false }
    event.kind = .delivery
    event.status = status
    let opening = wordEnd + 1
    guard opening < end, line[opening] == UInt8(ascii: "(") else { return true }
    // A line that was cut has no closing parenthesis.
    let closing = line[end - 1] == UInt8(ascii: ")") ? end - 1 : end
    if closing > opening + 1 { event.reply = Field(opening + 1..<closing) }
    if status == .sent { nextQueueID(line, opening + 1, closing, &event) }
    return true
  }

  private static func word(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> DeliveryStatus? {
    switch end - start {
    case 4 where line.has("sent", at: start): .sent
    case 8 where line.has("deferred", at: start): .deferred
    case 7 where line.has("bounced", at: start): .bounced
    case 7 where line.has("expired", at: start): .expired
    case 13 where line.has("force-expired", at: start): .forceExpired
    case 10 where line.has("SOFTBOUNCE", at: start): .softbounce
    case 10 where line.has("softbounce", at: start): .softbounce
    case 11 where line.has("deliverable", at: start): nil
    default: nil
    }
  }

  /// The last word of `250 2.0.0 Ok: queued as 4ZxQ9b1sL2z3K` or of `forwarded as 87E32FA6138`.
  @inline(__always)
  private static func nextQueueID(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) {
    var word = end
    while word > start, word > end - 26, line[word - 1] != .space { word -= 1 }
    guard word < end, word > start,
      line.has("queued as ", at: word - 10) || line.has("forwarded as ", at: word - 13)
    else { return }
    event.nextQueueID = Field(word..<end)
  }
}
