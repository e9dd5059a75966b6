import Events

/// Lines of Dovecot's authentication server and its workers about a failed attempt.
enum DovecotAuthLine {
  static func parse(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    let end = line.count
    var index = start
    if line.has("auth-worker(", at: start), line.digit(line[start + 12]) == nil,
      !line.has("default)", at: start + 12)
    {
      return request(line, start + 12, end, &event)
    }
    if line.has("auth-worker", at: start) {
      guard let colon = line.find(": ", from: start, to: min(end, start + 40)) else { return false }
      index = DovecotLine.level(line, colon + 2)
      if line.has("conn unix:", at: index) {
        guard let worker = line.find("auth-worker<", from: index, to: min(end, index + 120)),
          let colon = line.find(">: ", from: worker, to: min(end, worker + 30))
        else { return false }
        index = colon + 3
      }
    } else if line.has("auth: ", at: start) {
      index = DovecotLine.level(line, start + 6)
    } else if line.has("auth(default): ", at: start) {
      index = DovecotLine.level(line, start + 15)
    } else if line.has("auth(", at: start) {
      return request(line, start + 5, end, &event)
    } else {
      return false
    }
    return driver(line, index, end, &event)
  }

  /// `auth(anna@example.net,192.0.2.1,sasl:plain)<session>: passwd-file: Password mismatch` (2.4)
  private static func request(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    // The name is the stranger's; what follows it is ours and has no `)` but its own.
    guard
      let driver = line.findLast(")<", from: start, to: end)
        ?? line.findLast("): ", from: start, to: end), isFailure(line, driver, end)
    else { return false }
    return who(line, start, driver, end, &event)
  }

  /// `passwd-file(anna@example.net,192.0.2.1,<session>): Password mismatch` (2.3)
  private static func driver(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    if line.has("pam_unix(", at: start) { return pam(line, start, end, &event) }
    guard let opening = line.find(UInt8(ascii: "("), from: start, to: min(end, start + 24)),
      isDriver(line, start, opening),
      let closing = line.findLast("): ", from: opening, to: end),
      isFailure(line, DovecotLine.level(line, closing + 3), end)
    else { return false }
    return who(line, opening + 1, closing, end, &event)
  }

  private static func isDriver(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    guard end > start else { return false }
    for index in start..<end {
      let byte = line[index]
      guard
        byte &- 97 < 26 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte &- 48 < 10
      else { return false }
    }
    return true
  }

  private static func isFailure(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    let texts: [StaticString] = [
      "Password mismatch", "password mismatch", "unknown user", "Unknown user", "user unknown",
      "invalid credentials", "Invalid credentials", "pam_authenticate() failed",
      "CRAM-MD5 password mismatch", "Login failed",
    ]
    return texts.contains { line.find($0, from: start, to: end) != nil }
  }

  /// `name,address[,<session>]` between the parentheses; without an address it is LMTP looking up a
  /// recipient, and no login.
  private static func who(
    _ line: Span<UInt8>, _ start: Int, _ closing: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    var close = closing
    // From the right: what we wrote ourselves stands behind the stranger's name.
    while close > start {
      var comma = close - 1
      while comma >= start, line[comma] != .comma { comma -= 1 }
      guard comma > start else { return false }
      if comma + 1 == close {
        close = comma
        continue
      }
      if let address = NetworkAddress(line.extracting(comma + 1..<close)) {
        event.kind = .login
        event.result = .failure
        event.clientAddress = address
        event.saslLogin = Field(start..<comma)
        return true
      }
      if line[comma + 1] == .less, line[close - 1] == .greater, close > comma + 3 {
        event.session = Field(comma + 2..<close - 1)
      } else if line.has("sasl:", at: comma + 1) || line.has("master", at: comma + 1) {
        if line.has(")<", at: closing),
          let sessionEnd = line.find(.greater, from: closing, to: end), sessionEnd > closing + 2
        {
          event.session = Field(closing + 2..<sessionEnd)
        }
      } else {
        return false
      }
      close = comma
    }
    return false
  }

  /// `pam_unix(dovecot:auth): authentication failure; … ruser=anna rhost=192.0.2.1`
  private static func pam(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    guard line.has("pam_unix(dovecot:auth): authentication failure;", at: start),
      let login = line.find(" ruser=", from: start, to: end),
      let host = line.findLast(" rhost=", from: login, to: end)
    else { return false }
    var hostEnd = host + 7
    while hostEnd < end, line[hostEnd] != .space { hostEnd += 1 }
    event.kind = .login
    event.result = .failure
    event.clientAddress = NetworkAddress(line.extracting(host + 7..<hostEnd))
    if host > login + 7 { event.saslLogin = Field(login + 7..<host) }
    return true
  }
}
