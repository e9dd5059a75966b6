import Events

/// The parts that Postfix's log lines are put together from.
enum PostfixText {
  /// The queue id at `start` and the place behind its `: `.
  ///
  /// Short ids are at least five upper-case hexadecimal digits; long ones at least ten of the 52
  /// characters without vowels. Source: postconf(5),
  /// enable_long_queue_ids.
  @inline(__always)
  static func queueID(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> (id: Field, rest: Int)? {
    var index = start
    var isHex = true
    let limit = min(end, start + 24)
    while index < limit {
      let byte = line[index]
      if byte &- 48 < 10 || byte &- 65 < 6 {
        index += 1
        continue
      }
      if byte == .colon { break }
      isHex = false
      guard (byte | 32) &- 97 < 26, !isVowel(byte | 32) else { return nil }
      index += 1
    }
    guard index < end, line[index] == .colon, index + 1 < end, line[index + 1] == .space else {
      return nil
    }
    let length = index - start
    guard isHex ? length >= 5 : length >= 10 else { return nil }
    return (Field(start..<index), index + 2)
  }

  @inline(__always) private static func isVowel(_ letter: UInt8) -> Bool {
    letter == 97 || letter == 101 || letter == 105 || letter == 111 || letter == 117
  }

  /// `name[192.0.2.1]` or `name[192.0.2.1]:port` at `start`: the address, and the place behind it.
  static func client(_ line: Span<UInt8>, _ start: Int, _ end: Int)
    -> (address: NetworkAddress?, rest: Int)?
  {
    guard let opening = line.find(.opening, from: start, to: min(end, start + 300)),
      let closing = line.find(.closing, from: opening, to: min(end, opening + 60))
    else { return nil }
    let inside = line.has("IPv6:", at: opening + 1) ? opening + 6 : opening + 1
    let address = inside < closing ? NetworkAddress(line.extracting(inside..<closing)) : nil
    var rest = closing + 1
    if rest + 1 < end, line[rest] == .colon, line.digit(line[rest + 1]) != nil {
      rest += 1
      while rest < end, line.digit(line[rest]) != nil { rest += 1 }
    }
    return (address, rest)
  }

  /// The end of an address in angle brackets that begins at `start`, behind its `<`: the place of its
  /// `>`. A quoted local part, which a stranger may fill with anything, is passed over first.
  static func closingBracket(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, followedBy: (Int) -> Bool
  ) -> Int? {
    var index = start
    if index < end, line[index] == .quote, let after = quotedEnd(line, index, end) { index = after }
    while index < end {
      if line[index] == .greater, followedBy(index + 1) { return index }
      index += 1
    }
    return nil
  }

  /// Behind the closing quotation mark of the quoted string at `start`.
  private static func quotedEnd(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
    var index = start + 1
    while index < end {
      if line[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if line[index] == .quote { return index + 1 }
      index += 1
    }
    return nil
  }

  /// `4.7.1` at `index`, which moves behind it and one blank.
  static func dsn(_ line: Span<UInt8>, at index: inout Int, to end: Int) -> Field? {
    guard index + 4 < end, let first = line.digit(line[index]),
      first == 2 || first == 4 || first == 5,
      line[index + 1] == UInt8(ascii: ".")
    else { return nil }
    var at = index + 2
    guard line.number(at: &at, to: end) != nil, at < end, line[at] == UInt8(ascii: ".") else {
      return nil
    }
    at += 1
    guard line.number(at: &at, to: end) != nil else { return nil }
    defer { index = at < end && line[at] == .space ? at + 1 : at }
    return Field(index..<at)
  }
}
