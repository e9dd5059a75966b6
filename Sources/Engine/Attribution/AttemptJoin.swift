import Events

/// Tells several lines about one login attempt from several attempts.
///
/// Lines belong together that name the same session; or the same login from the same address within
/// 5 seconds, by one process or by two programs (Postfix and Dovecot both log a failure); or, where
/// the mail server did not log the login, a failure from the same address within 5 seconds.
struct AttemptJoin {
  private static let span: Int64 = 5

  private struct Seen {
    var second: Int64
    var pid: Int32
    var software: Software
  }

  private var attempts: [HashKey: Seen] = [:]
  private var swept: Int64 = 0

  /// - Returns: whether this line is the first of its attempt.
  mutating func isFirst(_ event: LogEvent, _ line: Span<UInt8>, second: Int64) -> Bool {
    if second - swept > 60 {
      swept = second
      attempts = attempts.filter { second - $0.value.second <= Self.span }
    }
    let result = UInt64(event.result == .success ? 1 : 2)
    let address = event.clientAddress.map { FieldHash.mix($0.high, $0.low) } ?? 0
    let login = event.saslLogin.hasText ? FieldHash.lowercased(line, event.saslLogin.range) : 0
    if event.session.hasText {
      let session = FieldHash.lowercased(line, event.session.range)
      let isFirst = first(FieldHash.mix(session, result), event, second, sameProcessOnly: false)
      // A line of the same attempt may lack the session: it is found by login and address.
      _ = first(
        FieldHash.mix(FieldHash.mix(address, login), result), event, second, sameProcessOnly: false)
      return isFirst
    }
    if login == 0, event.result == .failure {
      return first(FieldHash.mix(address, 3), event, second, sameProcessOnly: false)
    }
    if event.result == .failure {
      _ = first(FieldHash.mix(address, 3), event, second, sameProcessOnly: false)
    }
    return first(
      FieldHash.mix(FieldHash.mix(address, login), result), event, second, sameProcessOnly: true)
  }

  private mutating func first(
    _ key: UInt64, _ event: LogEvent, _ second: Int64, sameProcessOnly: Bool
  ) -> Bool {
    let before = attempts[HashKey(key)]
    attempts[HashKey(key)] = Seen(second: second, pid: event.pid, software: event.software)
    guard let before, second - before.second <= Self.span else { return true }
    // Two processes of one program are two attempts.
    return sameProcessOnly && before.software == event.software && before.pid != event.pid
  }
}

// MARK: Bytes

extension AttemptJoin {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&attempts, or: (HashKey(0), Seen(second: 0, pid: 0, software: .other))) {
      (key, seen, archive) throws(SnapshotError) in
      try archive.keep(&key)
      try archive.keep(&seen.second)
      try archive.keep(&seen.pid)
      try archive.keep(&seen.software)
    }
    try archive.keep(&swept)
  }
}
