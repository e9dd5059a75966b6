import Events

/// Reads a line of a log of accounts and times: by a configured pattern, or in one of the known forms.
///
/// Known: `TIME ACCOUNT`, where TIME is RFC 3339 with a zone; a panel's `2026-11-24T03:26:14+00:00
/// panel[30287]: password changed for anna@example.net from 192.0.2.1`, with or without a host before the tag; and
/// PAM's `pam_unix(chpasswd:chauthtok): password changed for msweb1`. Names are the users' own choice: everything
/// is read from the left, and an address only from the last word.
struct AccountLine: Sendable {
  var pattern: AccountPattern?

  func parse(_ line: Span<UInt8>, _ clock: inout LogClock, into event: inout LogEvent) -> Bool {
    event = LogEvent()
    event.kind = .passwordChange
    if let pattern { return pattern.match(line, &clock, into: &event) }
    if let header = SyslogHeader(line), header.form == .rfc3339 || header.form == .traditional,
      panel(line, header.message, &event), header.time(line, &clock, &event)
    {
      event.host = header.host
      event.program = header.tag
      return true
    }
    guard let blank = line.find(.space, from: 0, to: line.count), blank > 8,
      let time = Instant(rfc3339: String(copying: line.extracting(0..<blank)))
    else { return false }
    event.time = time
    // A panel's own file has no host: `2026-11-24T03:26:14+00:00 panel[30287]: password changed for …`
    if let colon = line.find(": ", from: blank, to: min(line.count, blank + 60)),
      panel(line, colon + 2, &event)
    {
      return true
    }
    var end = line.count
    while end > blank + 1, line[end - 1] == .space { end -= 1 }
    guard end > blank + 1, line.find(.space, from: blank + 1, to: end) == nil else { return false }
    event.saslLogin = Field(blank + 1..<end)
    return true
  }

  /// `password changed for NAME[ from ADDRESS]`, behind PAM's prefix where it has one.
  private func panel(_ line: Span<UInt8>, _ start: Int, _ event: inout LogEvent) -> Bool {
    var index = start
    if line.has("pam_unix(", at: start) {
      guard let colon = line.find("): ", from: start, to: line.count) else { return false }
      index = colon + 3
    }
    guard line.has("password changed for ", at: index) else { return false }
    let name = index + 21
    var end = line.count
    if let from = line.findLast(" from ", from: name, to: end),
      let address = NetworkAddress(line.extracting(from + 6..<end))
    {
      event.clientAddress = address
      end = from
    }
    guard end > name else { return false }
    event.saslLogin = Field(name..<end)
    return true
  }
}
