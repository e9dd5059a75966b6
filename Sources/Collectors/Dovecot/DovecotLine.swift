import Events

/// Dovecot's log lines about logins, of 2.0 to 2.4, behind the syslog tag or in its own log file.
enum DovecotLine {
  /// A first look: Dovecot's lines about deliveries and sessions begin with other letters.
  @inline(__always)
  static func mayBeEvent(_ line: Span<UInt8>, _ start: Int) -> Bool {
    switch line[start] {
    case UInt8(ascii: "l"): false
    case UInt8(ascii: "i"): line.has("imap-login", at: start)
    default: true
    }
  }

  /// - Parameter start: where the message begins: `imap-login: Login: user=<…>, …`.
  static func parse(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    let end = line.count
    var index = start
    guard start + 6 < end else { return false }
    switch line[start] {
    case UInt8(ascii: "i") where line.has("imap-login: ", at: start):
      event.service = .imap
      index += 12
    case UInt8(ascii: "p") where line.has("pop3-login: ", at: start):
      event.service = .pop3
      index += 12
    case UInt8(ascii: "m") where line.has("managesieve-login: ", at: start):
      event.service = .managesieve
      index += 19
    case UInt8(ascii: "s") where line.has("submission-login: ", at: start):
      event.service = .submission
      index += 18
    case UInt8(ascii: "a"):
      return DovecotAuthLine.parse(line, start, into: &event)
    case UInt8(ascii: "d") where line.has("dovecot: ", at: start):
      return parse(line, start + 9, into: &event)
    case UInt8(ascii: "d") where line.has("dovecot-auth: ", at: start):
      return DovecotAuthLine.parse(line, start + 8, into: &event)
    default: return false
    }
    index = level(line, index)
    return login(line, index, end, &event)
  }

  /// Behind `Info: ` and the like, which Dovecot's own file has and syslog mostly not.
  static func level(_ line: Span<UInt8>, _ start: Int) -> Int {
    if line.has("Info: ", at: start) { return start + 6 }
    if line.has("Warning: ", at: start) { return start + 9 }
    if line.has("Error: ", at: start) { return start + 7 }
    if line.has("Debug: ", at: start) { return start + 7 }
    return start
  }

  private static func login(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    if line.has("Login: ", at: start) || line.has("Logged in: ", at: start) {
      event.result = .success
      let fields = line.has("Login: ", at: start) ? start + 7 : start + 11
      return self.fields(line, fields, end, &event)
    }
    // The reason is Dovecot's; the first stranger's word is the user.
    let user = line.find(": user=<", from: start, to: end) ?? end
    guard
      let failed = line.find("(auth failed, ", from: start, to: user)
        ?? line.find("(auth failed)", from: start, to: user)
        ?? line.find("(auth_failed)", from: start, to: user)
        ?? line.find("(proxy dest auth failed)", from: start, to: user)
        ?? line.find(" auth failed, ", from: start, to: user)
    else { return false }
    event.result = .failure
    return user < end
      ? fields(line, user + 2, end, &event)
      : fields(line, line.find("rip=", from: failed, to: end) ?? end, end, &event)
  }

  /// `user=<anna@example.net>, method=PLAIN, rip=192.0.2.1, lip=…, TLS, session=<…>`
  ///
  /// The user may hold anything, also `>, rip=`: what follows it is ours, so the last place where it
  /// may end is where it ends.
  private static func fields(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    event.kind = .login
    var index = start
    if line.has("user=<", at: start) {
      let user = start + 6
      guard
        let userEnd = line.findLast(">, method=", from: user, to: end)
          ?? line.findLast(">, rip=", from: user, to: end)
          ?? line.findLast(">, ", from: user, to: end) ?? line.find(.greater, from: user, to: end)
      else { return false }
      if userEnd > user { event.saslLogin = Field(user..<userEnd) }
      index = userEnd + 1
    }
    // An empty name is a connection without an attempt.
    if event.saslLogin.isAbsent, event.result == .success { return false }
    if let rip = line.find("rip=", from: index, to: end) {
      let address = rip + 4
      var addressEnd = address
      while addressEnd < end, line[addressEnd] != .comma, line[addressEnd] != .space {
        addressEnd += 1
      }
      if addressEnd > address {
        event.clientAddress = NetworkAddress(line.extracting(address..<addressEnd))
      }
      index = addressEnd
    }
    if let session = line.findLast("session=<", from: index, to: end),
      let sessionEnd = line.find(.greater, from: session, to: end), sessionEnd > session + 9
    {
      event.session = Field(session + 9..<sessionEnd)
    }
    return true
  }
}
