import Events

/// `NOQUEUE: reject: RCPT from name[192.0.2.1]: 554 5.7.1 …; from=<…> to=<…> proto=ESMTP helo=<…>`.
enum PostfixRejection {
  /// - Parameter start: behind `NOQUEUE: ` or the queue id.
  static func parse(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    var index = start
    if line.has("reject: ", at: start) {
      index += 8
    } else if line.has("milter-reject: ", at: start) {
      index += 15
    } else if line.has("proxy-reject: ", at: start) {
      index += 14
    } else if line.has("hold: ", at: start) || line.has("milter-hold: ", at: start) {
      index = (line.find(.space, from: start, to: line.count) ?? start) + 1
      event.kind = .held
      return content(line, index, &event)
    } else {
      return false
    }
    event.kind = .rejection
    return content(line, index, &event)
  }

  private static func content(_ line: Span<UInt8>, _ start: Int, _ event: inout LogEvent) -> Bool {
    let end = line.count
    // A header or a body line of a stranger's message stands before the fixed fields.
    if line.has("header ", at: start) || line.has("body ", at: start)
      || line.has("mime header ", at: start) || line.has("nested header ", at: start)
    {
      return contentCheck(line, start, end, &event)
    }
    let colon = line.find(": ", from: start, to: min(end, start + 40)) ?? end
    guard let from = line.find(" from ", from: start, to: min(colon, start + 40)) else {
      // `proxy-reject: END-OF-MESSAGE: 554 …` names no client.
      return colon < end && reply(line, colon + 2, end, &event)
    }
    var index = from + 6
    if line.has("local:", at: index) || line.has("local;", at: index) {
      index += 5
    } else {
      guard let client = PostfixText.client(line, index, end) else { return false }
      event.clientAddress = client.address
      index = client.rest
    }
    guard line.has(": ", at: index) || line.has("; ", at: index) || index == end else {
      return false
    }
    return reply(line, min(end, index + 2), end, &event)
  }

  /// `554 5.7.1 <…>: text; from=<…> to=<…> proto=ESMTP helo=<…>`
  private static func reply(
    _ line: Span<UInt8>, _ replyStart: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    var index = replyStart
    if index + 4 < end, line.digit(line[index]) != nil, line.digit(line[index + 2]) != nil,
      line[index + 3] == .space
    {
      index += 4
    }
    if let dsn = PostfixText.dsn(line, at: &index, to: end) { event.dsn = dsn }
    // The address that is refused stands first; a quoted local part may hold anything.
    if line.has("<\"", at: index) {
      index =
        PostfixText.closingBracket(line, index + 1, end, followedBy: { line.has(":", at: $0) })
        ?? index
    }
    var at = index
    while let from = line.find("; from=<", from: at, to: end) {
      if envelope(line, from + 2, end, &event) {
        if from > replyStart { event.reply = Field(replyStart..<from) }
        return true
      }
      at = from + 8
    }
    if let proto = line.findLast("; proto=", from: index, to: end) {
      if proto > replyStart { event.reply = Field(replyStart..<proto) }
      helo(line, proto + 8, end, &event)
    } else if end > replyStart {
      event.reply = Field(replyStart..<end)
    }
    return true
  }

  /// `header X-Mailer: … from name[192.0.2.1]; from=<…> to=<…> proto=ESMTP helo=<…>: 5.7.1 text`
  private static func contentCheck(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    guard let from = line.findLast("; from=<", from: start, to: end),
      let client = line.findLast(" from ", from: start, to: from)
    else { return false }
    if !line.has("local;", at: client + 6) {
      event.clientAddress = PostfixText.client(line, client + 6, from)?.address
    }
    if let text = line.findLast(">: ", from: from, to: end) {
      _ = envelope(line, from + 2, text + 1, &event)
      var index = text + 3
      if let dsn = PostfixText.dsn(line, at: &index, to: end) { event.dsn = dsn }
      if index < end { event.reply = Field(index..<end) }
    } else {
      _ = envelope(line, from + 2, end, &event)
    }
    return true
  }

  /// `from=<S> to=<R> proto=P helo=<H>`, postscreen with commas, down to the end of the line.
  private static func envelope(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    let senderStart = start + 6
    guard
      let senderEnd = PostfixText.closingBracket(
        line, senderStart, end,
        followedBy: {
          line.has(" to=<", at: $0) || line.has(", to=<", at: $0) || line.has(" proto=", at: $0)
            || line.has(", proto=", at: $0) || $0 == end
        })
    else { return false }
    event.envelopeSender = Field(senderStart..<senderEnd)
    var index = senderEnd + 1
    if index < end, line[index] == .comma { index += 1 }
    if line.has(" to=<", at: index) {
      index += 5
      guard
        let recipientEnd = PostfixText.closingBracket(
          line, index, end,
          followedBy: {
            line.has(" proto=", at: $0) || line.has(", proto=", at: $0) || $0 == end
          })
      else { return false }
      event.recipient = Field(index..<recipientEnd)
      index = recipientEnd + 1
    }
    if index < end, line[index] == .comma { index += 1 }
    if line.has(" proto=", at: index) { helo(line, index + 7, end, &event) }
    return true
  }

  /// `ESMTP helo=<H>`, and since Postfix 3.10 ` sasl_method=… sasl_username=…`, which is believed
  /// only where the line does not end in the bracket of a HELO name that imitates it.
  private static func helo(_ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent) {
    guard let helo = line.find("helo=<", from: start, to: min(end, start + 20)) else { return }
    let name = helo + 6
    var close = end - 1
    if close >= name, line[close] != .greater,
      let method = line.findLast("> sasl_method=", from: name, to: end),
      let login = line.find(" sasl_username=", from: method, to: end)
    {
      event.saslLogin = Field(login + 15..<end)
      close = method
    }
    while close >= name, line[close] != .greater { close -= 1 }
    if close > name { event.helo = Field(name..<close) }
  }
}
