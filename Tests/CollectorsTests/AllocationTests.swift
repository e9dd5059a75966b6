import CAllocations
import Collectors
import Events
import Testing

/// How often `body` asks for memory, on this thread.
private func allocations(_ body: () -> Void) -> Int {
  let before = thread_allocations()
  body()
  return thread_allocations() - before
}

@Suite struct `Reading a line` {
  static let skipped = [
    "postfix/smtpd[1]: connect from unknown[192.0.2.9]",
    "postfix/smtpd[1]: disconnect from unknown[192.0.2.9] ehlo=1 auth=0/1 quit=1 commands=2/3",
    "postfix/cleanup[1]: ABC123: message-id=<x@example.net>",
    "postfix/smtp[1]: Trusted TLS connection established to mx.example[192.0.2.9]:25",
    "dovecot: imap(anna@example.net)<7><x>: Disconnected: Logged out in=1 out=2",
    "kernel: something else",
    "rspamd[9]: <abc>; proxy; rspamd_task_write_log: id: <x>",
  ]
  static let events = [
    "postfix/qmgr[1]: ABC123: from=<anna@example.net>, size=1000, nrcpt=1 (queue active)",
    "postfix/smtp[1]: ABC123: to=<b@example.org>, relay=mx.example.org[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
    "dovecot: imap-login: Login: user=<anna@example.net>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, session=<x>",
  ]

  @Test func `allocates nothing, whether it is skipped or an event`() {
    let lines = (Self.skipped + Self.events).map { Array((stamp + $0).utf8) }
    var parser = LineParser(
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    var event = LogEvent()
    for line in lines { _ = parser.parse(line.span, into: &event) }
    for line in lines {
      let count = allocations { _ = parser.parse(line.span, into: &event) }
      #expect(count == 0, "\(String(decoding: line, as: UTF8.self))")
    }
    // The counter counts at all.
    #expect(allocations { _ = Array(repeating: 1, count: 100 + lines.count) } > 0)
  }
}
