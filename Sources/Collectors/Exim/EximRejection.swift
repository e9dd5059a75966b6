import Events

/// What Exim refused: logins that failed, recipients and messages.
enum EximRejection {
  static func parse(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    let end = line.count
    // The authenticator's name is one word.
    let word = EximLine.word(line, start, end)
    if line.has(" authenticator failed for ", at: word) {
      return login(line, word + 26, end, &event)
    }
    // The client comes first; only then follow the stranger's words.
    var index = start
    var host = -1
    while index < end {
      if line.has("H=", at: index) {
        host = index
        break
      }
      guard line.has("F=", at: index) || line.has("SMTP ", at: index) || line.has("U=", at: index)
      else { break }
      if line.has("F=", at: index) {
        let next = EximLine.word(line, index, end)
        sender(line, index + 2, next, &event)
        index = next + 1
      } else {
        index = EximLine.word(line, index, end) + 1
      }
    }
    guard host >= 0 else { return false }
    index = EximLine.host(line, host + 2, end, &event)
    return verdict(line, index, end, &event)
  }

  /// Behind the client: fields, then `rejected RCPT <…>: text`, `rejected after DATA: text`, …
  private static func verdict(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    var index = start
    while index < end {
      while index < end, line[index] == .space { index += 1 }
      if line.has("rejected ", at: index) || line.has("temporarily rejected ", at: index)
        || line.has("dropped", at: index) || line.has("sender verify fail for", at: index)
        || line.has("refused", at: index)
      {
        if line.has("sender verify", at: index) { return false }
        return refused(line, index, end, &event)
      }
      let next = EximLine.word(line, index, end)
      guard let equals = line.find(UInt8(ascii: "="), from: index, to: next), equals - index <= 6
      else {
        return false
      }
      if line.has("F=", at: index) { sender(line, index + 2, next, &event) }
      if line.has("A=", at: index), let colon = line.find(.colon, from: index, to: next),
        colon + 1 < next
      {
        event.saslLogin = Field(colon + 1..<next)
      }
      index = next
    }
    return false
  }

  private static func refused(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    event.kind = .rejection
    var index = start
    if let recipient = line.find("RCPT ", from: start, to: min(end, start + 40)) {
      var address = recipient + 5
      if address < end, line[address] == .less { address += 1 }
      let close =
        line.find(">: ", from: address, to: end) ?? line.find(": ", from: address, to: end)
        ?? line.find(.greater, from: address, to: end) ?? end
      event.recipient = Field(address..<close)
      index = min(close, end)
      // The mailbox that was asked for does not exist; a rejection is never held against a login.
      if line.find("No Such User", from: close, to: end) != nil {
        event.saslLogin = event.recipient
      }
    }
    if let colon = line.find(": ", from: index, to: end), colon + 2 < end {
      event.reply = Field(colon + 2..<end)
    }
    return true
  }

  private static func sender(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) {
    guard end > start else { return }
    if line[start] == .less, end - start >= 2, line[end - 1] == .greater {
      event.envelopeSender = Field(start + 1..<end - 1)
    } else {
      event.envelopeSender = Field(start..<end)
    }
  }

  /// `name (helo) [192.0.2.1]:port: 535 Incorrect authentication data (set_id=anna)`
  private static func login(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    event.kind = .login
    event.result = .failure
    event.service = .smtp
    let from = line.has("H=", at: start) ? start + 2 : start
    let rest = EximLine.host(line, from, end, &event)
    guard event.clientAddress != nil else { return false }
    if let id = line.find("(set_id=", from: min(rest, end), to: end) {
      var close = end
      while close > id, line[close - 1] != UInt8(ascii: ")") { close -= 1 }
      if close - 1 > id + 8 { event.saslLogin = Field(id + 8..<close - 1) }
    }
    return true
  }
}
