import Events

/// What became of a recipient: `local <orig@example.net> F=<…> R=router T=transport H=host [192.0.2.1] …: text`.
enum EximDelivery {
  static func parse(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    event.kind = .delivery
    var index = EximLine.word(line, start, end)
    var first = start..<index
    // `** bob@example.net: retry timeout exceeded` has no fields.
    let endsInColon = first.count > 1 && line[first.upperBound - 1] == .colon
    if endsInColon { first = first.lowerBound..<first.upperBound - 1 }
    recipient(line, first, &index, end, &event)
    if endsInColon {
      if index + 1 < end { event.reply = Field(index + 1..<end) }
      return true
    }
    fields(line, index, end, &event)
    return true
  }

  /// The final address, or where that is a local name only, the one in angle brackets.
  private static func recipient(
    _ line: Span<UInt8>, _ first: Range<Int>, _ index: inout Int, _ end: Int,
    _ event: inout LogEvent
  ) {
    var original: Range<Int>? = nil
    while index + 1 < end, line[index + 1] == .less || line[index + 1] == UInt8(ascii: "(") {
      let close: UInt8 = line[index + 1] == .less ? .greater : UInt8(ascii: ")")
      guard let closing = line.find(close, from: index, to: end) else { break }
      if close == .greater { original = index + 2..<closing }
      index = closing + 1
    }
    var final = first
    if final.count > 2, line[final.lowerBound] == .less, line[final.upperBound - 1] == .greater {
      final = final.lowerBound + 1..<final.upperBound - 1
    }
    if let original,
      line.find(UInt8(ascii: "@"), from: final.lowerBound, to: final.upperBound) == nil
        || line[final.lowerBound] == UInt8(ascii: "/")
        || line[final.lowerBound] == UInt8(ascii: "|")
    {
      event.recipient = Field(original)
    } else {
      event.recipient = Field(final)
      if let original { event.originalRecipient = Field(original) }
    }
  }

  private static func fields(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) {
    var index = start
    while index < end, line[index] == .space || index == start {
      index += line[index] == .space ? 1 : 0
      let next = EximLine.word(line, index, end)
      if line.has("H=", at: index) {
        index = relay(line, index + 2, end, &event)
        if index < end, line[index] == .colon { return text(line, index + 1, end, &event) }
        continue
      }
      if line.has("C=\"", at: index) {
        var close = index + 3
        while close < end, line[close] != .quote {
          close += line[close] == UInt8(ascii: "\\") ? 2 : 1
        }
        event.reply = Field(index + 3..<min(close, end))
        index = min(close + 1, end)
        continue
      }
      if line.has("DN=\"", at: index) {
        index = min((line.find(.quote, from: index + 4, to: end) ?? end - 1) + 1, end)
        if index < end, line[index] == .colon { return text(line, index + 1, end, &event) }
        continue
      }
      if line.has("defer ", at: index),
        let colon = line.find("): ", from: index, to: min(end, index + 24))
      {
        return text(line, colon + 2, end, &event)
      }
      if line.has("defer ", at: index),
        let closing = line.find(") ", from: index, to: min(end, index + 24))
      {
        let rest = closing + 2
        if line.has("H=", at: rest) {
          var host = LogEvent()
          let after = relay(line, rest + 2, end, &host)
          if !host.relay.isAbsent, after < end, line[after] == .colon {
            event.relay = host.relay
            return text(line, after + 1, end, &event)
          }
        }
        event.reply = Field(rest..<end)
        return
      }
      if next > index, line[next - 1] == .colon, event.status != .sent {
        return text(line, next, end, &event)
      }
      if next == index { return }
      index = next
    }
  }

  /// `mx.example.net [192.0.2.1]:25`: the name and the address.
  private static func relay(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Int {
    guard let closing = line.find(.closing, from: start, to: min(end, start + 320)) else {
      return EximLine.word(line, start, end)
    }
    event.relay = Field(start..<closing + 1)
    var index = closing + 1
    if index + 1 < end, line[index] == .colon, line.digit(line[index + 1]) != nil {
      index += 1
      while index < end, line.digit(line[index]) != nil { index += 1 }
    }
    return index
  }

  private static func text(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) {
    var index = start
    while index < end, line[index] == .space { index += 1 }
    if index < end { event.reply = Field(index..<end) }
  }
}
