import Events

/// Exim's main and reject log, behind the time stamp. Source: the Exim specification, "Log files".
enum EximLine {
  /// Where the message begins, behind `2026-11-24 02:56:35.123 +0100 [4711] `.
  static func message(_ line: Span<UInt8>, _ stamp: Int) -> Int {
    var index = stamp + 19
    let end = line.count
    if index < end, line[index] == UInt8(ascii: ".") {
      index += 1
      while index < end, line.digit(line[index]) != nil { index += 1 }
    }
    if index < end, line[index] == .space { index += 1 }
    if index + 5 < end, line[index] == UInt8(ascii: "+") || line[index] == UInt8(ascii: "-"),
      line.twoDigits(at: index + 1) != nil, line[index + 5] == .space
    {
      index += 6
    }
    if index < end, line[index] == .opening, line.digit(line[min(end - 1, index + 1)]) != nil,
      let closing = line.find(.closing, from: index, to: min(end, index + 12))
    {
      index = closing + 1
      while index < end, line[index] == .space { index += 1 }
    }
    return index
  }

  static func parse(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    var index = start
    // Through syslog, Exim may write its own stamp again.
    if index + 20 < line.count, line[index + 4] == UInt8(ascii: "-"), line[index + 13] == .colon,
      line.digit(line[index]) != nil, line[index + 10] == .space
    {
      index = message(line, index)
    }
    if let id = messageID(line, index) {
      event.queueID = Field(id)
      index = id.upperBound + 1
      if let isEvent = flagged(line, index, &event) { return isEvent }
    }
    return EximRejection.parse(line, index, into: &event)
  }

  /// `1xVghv-0007I9-2R` (6-6-2) or, since 4.97, 6-11-4.
  private static func messageID(_ line: Span<UInt8>, _ start: Int) -> Range<Int>? {
    for (length, first, second) in [(16, 6, 13), (23, 6, 18)] {
      let end = start + length
      guard end < line.count, line[start + first] == UInt8(ascii: "-"),
        line[start + second] == UInt8(ascii: "-"), line[end] == .space
      else { continue }
      var isID = true
      for index in start..<end where index != start + first && index != start + second {
        let byte = line[index]
        if !(byte &- 48 < 10 || (byte | 32) &- 97 < 26) { isID = false }
      }
      if isID { return start..<end }
    }
    return nil
  }

  /// The lines about a message that begin with a sign; nil for others.
  private static func flagged(
    _ line: Span<UInt8>, _ start: Int, _ event: inout LogEvent
  ) -> Bool? {
    let end = line.count
    if line.has("Completed", at: start) {
      event.kind = .removed
      return true
    }
    guard start + 3 < end, line[start + 2] == .space else { return nil }
    let rest = start + 3
    if line.has("<= ", at: start) { return arrival(line, rest, end, &event) }
    if line.has("=> ", at: start) || line.has("-> ", at: start) || line.has(">> ", at: start) {
      event.status = .sent
    } else if line.has("== ", at: start) {
      event.status = .deferred
    } else if line.has("** ", at: start) {
      event.status = .bounced
    } else {
      return nil
    }
    return EximDelivery.parse(line, rest, end, &event)
  }

  /// `anna@example.net H=… [192.0.2.1] P=esmtpsa A=dovecot_login:anna@example.net S=468 …`
  private static func arrival(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    event.kind = .submission
    var index = word(line, start, end)
    var sender = start..<index
    if sender.count >= 2, line[sender.lowerBound] == .less {
      sender = sender.lowerBound + 1..<sender.upperBound - 1
    }
    event.envelopeSender = Field(sender)
    // Fields stand in Exim's order; what a stranger words (HELO in H=, T="…", from, for) is passed over.
    while index < end {
      index += 1
      if line.has("H=", at: index) {
        index = host(line, index + 2, end, &event)
        continue
      }
      let next = word(line, index, end)
      if line.has("U=", at: index) {
        event.localUser = Field(index + 2..<next)
      } else if line.has("A=", at: index) {
        if let colon = line.find(.colon, from: index, to: next), colon + 1 < next {
          event.saslLogin = Field(colon + 1..<next)
        }
      } else if line.has("S=", at: index) {
        var at = index + 2
        event.sizeBytes = line.number(at: &at, to: next) ?? -1
        // What follows is the message's own: ids, subject, addresses.
        return true
      }
      index = next
    }
    return true
  }

  /// `name (helo) [192.0.2.1]:port` behind `H=`: the address is the last bracket before the next field.
  /// - Returns: the place behind it.
  static func host(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Int {
    var index = start
    if index < end, line[index] != UInt8(ascii: "("), line[index] != .opening {
      index = word(line, index, end) + 1
    }
    if index < end, line[index] == UInt8(ascii: "(") {
      // A HELO name may hold anything but ends before ` [` or ` ` and the next field.
      let helo = index + 1
      guard
        let close = line.find(") [", from: helo, to: end) ?? line.find(") ", from: helo, to: end)
          ?? line.find(")", from: helo, to: end)
      else { return index }
      if close > helo { event.helo = Field(helo..<close) }
      index = close + 2
    }
    if index < end, line[index] == .opening,
      let closing = line.find(.closing, from: index, to: min(end, index + 50))
    {
      event.clientAddress = NetworkAddress(line.extracting(index + 1..<closing))
      index = closing + 1
      while index < end, line[index] != .space { index += 1 }
    }
    return index
  }

  /// The end of the word at `start`.
  static func word(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = start
    if index < end, line[index] == .quote {
      index += 1
      while index < end, line[index] != .quote {
        index += line[index] == UInt8(ascii: "\\") ? 2 : 1
      }
    }
    while index < end, line[index] != .space { index += 1 }
    return min(index, end)
  }
}
