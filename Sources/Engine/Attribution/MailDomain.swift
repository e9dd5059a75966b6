import Events

/// The domains in addresses and relay names.
enum MailDomain {
  /// What follows the last `@` of an address; nil where it has none.
  static func domain(_ line: Span<UInt8>, _ address: Range<Int>) -> Range<Int>? {
    var at = address.upperBound - 1
    while at >= address.lowerBound {
      if line[at] == UInt8(ascii: "@") { return at + 1..<address.upperBound }
      at -= 1
    }
    return nil
  }

  /// The remote provider: the registrable part of the relay's host name, or of the host that the
  /// reply says could not be reached, or the recipient's domain.
  static func relay(_ line: Span<UInt8>, _ log: LogEvent) -> Range<Int>? {
    if !log.relay.isAbsent, let host = host(line, log.relay.range) {
      return registrable(line, host)
    }
    if !log.reply.isAbsent, let host = hostInReply(line, log.reply.range) {
      return registrable(line, host)
    }
    return log.recipient.isAbsent ? nil : domain(line, log.recipient.range)
  }

  /// `mx.example.net` of `mx.example.net[192.0.2.1]:25`; nil for `none` and for sockets.
  private static func host(_ line: Span<UInt8>, _ relay: Range<Int>) -> Range<Int>? {
    var end = relay.lowerBound
    var dots = 0
    while end < relay.upperBound, line[end] != UInt8(ascii: "["), line[end] != UInt8(ascii: " ") {
      if line[end] == UInt8(ascii: "/") { return nil }
      if line[end] == UInt8(ascii: ".") { dots += 1 }
      end += 1
    }
    return dots > 0 && end > relay.lowerBound ? relay.lowerBound..<end : nil
  }

  /// The name before the first `[` of `connect to mx.example.net[192.0.2.1]:25: …`, among the first
  /// 120 bytes, where the mail system itself writes it.
  private static func hostInReply(_ line: Span<UInt8>, _ reply: Range<Int>) -> Range<Int>? {
    var index = reply.lowerBound
    var start = index
    let end = min(reply.upperBound, index + 120)
    while index < end, line[index] != UInt8(ascii: "[") {
      if line[index] == UInt8(ascii: " ") { start = index + 1 }
      index += 1
    }
    return index < end ? host(line, start..<index) : nil
  }

  /// The last two labels, or three where the second level is a country's own (`co.uk`).
  static func registrable(_ line: Span<UInt8>, _ host: Range<Int>) -> Range<Int> {
    var dots = 0
    var last = host.upperBound
    var index = host.upperBound - 1
    while index >= host.lowerBound {
      if line[index] == UInt8(ascii: ".") {
        dots += 1
        if dots == 3 { return index + 1..<host.upperBound }
        let isCountry = host.upperBound - last == 3
        if dots == 2, !(isCountry && isSecondLevel(line, index + 1..<last)) {
          return index + 1..<host.upperBound
        }
        last = index
      }
      index -= 1
    }
    return host
  }

  private static func isSecondLevel(_ line: Span<UInt8>, _ label: Range<Int>) -> Bool {
    guard label.count == 2 || label.count == 3 else { return false }
    var word: UInt32 = 0
    for index in label { word = word << 8 | UInt32(line[index] | 0x20) }
    return secondLevels.contains(word)
  }

  private static let secondLevels: [UInt32] = [
    "ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org",
  ].map { $0.utf8.reduce(0) { $0 << 8 | UInt32($1) } }
}
