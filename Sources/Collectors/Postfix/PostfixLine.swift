import Events

/// One Postfix daemon's log line, by the daemon that wrote it.
enum PostfixLine {
  /// What a daemon's lines may tell; the leaf of its syslog tag.
  enum Daemon {
    case smtpd, pickup, cleanup, qmgr, delivery, bounce, postscreen, postsuper, sendmail
  }

  static func daemon(_ leaf: Span<UInt8>) -> Daemon? {
    func named(_ name: StaticString) -> Bool {
      leaf.count == name.utf8CodeUnitCount && leaf.has(name, at: 0)
    }
    if named("smtpd") { return .smtpd }
    if named("qmgr") || named("nqmgr") || named("oqmgr") { return .qmgr }
    if named("smtp") || named("lmtp") || named("local") || named("virtual") || named("pipe")
      || named("error") || named("discard") || named("retry")
    {
      return .delivery
    }
    if named("cleanup") { return .cleanup }
    if named("pickup") { return .pickup }
    if named("bounce") || named("defer") || named("trace") { return .bounce }
    if named("postscreen") { return .postscreen }
    if named("postsuper") { return .postsuper }
    if named("sendmail") || named("postdrop") { return .sendmail }
    return nil
  }

  /// A first look that turns away most lines that tell nothing, before anything is prepared.
  @inline(__always)
  static func mayBeEvent(_ line: Span<UInt8>, _ start: Int, _ daemon: Daemon) -> Bool {
    switch daemon {
    case .smtpd:
      let first = line[start]
      // `connect`, `disconnect`, `Anonymous TLS`, `lost connection`, `timeout`, `improper`; a long
      // queue id may begin with any of these letters, but its second byte is no vowel.
      guard first &- 48 >= 10, first != UInt8(ascii: "w"), first != UInt8(ascii: "N"),
        start + 1 < line.count
      else { return true }
      let second = line[start + 1] | 32
      return
        !(second == 97 || second == 101 || second == 105 || second == 111 || second == 117
        || first == UInt8(ascii: "A") && second == 110) || first &- 65 < 6
    case .cleanup:
      guard let colon = line.find(.colon, from: start, to: min(line.count, start + 26)) else {
        return false
      }
      return !line.has(" message-id=", at: colon + 1)
        || line.has(" message-id=<sperrwerk.", at: colon + 1)
    default: return true
    }
  }

  /// - Parameter start: where the message begins, behind the tag.
  /// - Returns: whether the line is an event; `event` is then filled but for its header.
  @inline(__always)
  static func parse(
    _ line: Span<UInt8>, _ start: Int, _ daemon: Daemon, into event: inout LogEvent
  ) -> Bool {
    let end = line.count
    switch daemon {
    case .smtpd: return smtpd(line, start, end, &event)
    case .qmgr:
      guard let (id, rest) = PostfixText.queueID(line, start, end) else { return false }
      event.queueID = id
      return qmgr(line, rest, end, &event)
    case .delivery:
      guard let (id, rest) = PostfixText.queueID(line, start, end) else { return false }
      guard line.has("to=<", at: rest) else { return false }
      event.queueID = id
      return PostfixDelivery.parse(line, rest, into: &event)
    case .cleanup:
      guard let (id, rest) = PostfixText.queueID(line, start, end) else { return false }
      if line.has("message-id=<sperrwerk.", at: rest) { return notice(line, rest + 12, id, &event) }
      if line.has("message-id=", at: rest) || line.has("resent-message-id=", at: rest) {
        return false
      }
      event.queueID = id
      if line.has("to=<", at: rest) { return PostfixDelivery.parse(line, rest, into: &event) }
      if line.has("info: header ", at: rest) || line.has("warning: header ", at: rest) {
        return ScriptLine.header(line, rest, into: &event)
      }
      return PostfixRejection.parse(line, rest, into: &event)
    case .pickup:
      guard let (id, rest) = PostfixText.queueID(line, start, end) else { return false }
      event.queueID = id
      return pickup(line, rest, end, &event)
    case .bounce:
      guard let (id, rest) = PostfixText.queueID(line, start, end) else { return false }
      event.queueID = id
      return bounce(line, rest, end, &event)
    case .postscreen:
      guard line.has("NOQUEUE: ", at: start) else { return false }
      return PostfixRejection.parse(line, start + 9, into: &event)
    case .postsuper:
      guard let (id, rest) = PostfixText.queueID(line, start, end) else { return false }
      event.queueID = id
      return postsuper(line, rest, end, &event)
    case .sendmail: return sendmail(line, start, end, &event)
    }
  }

  // MARK: smtpd

  @inline(__always)
  private static func smtpd(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    if line.has("connect", at: start) || line.has("disconn", at: start)
      || line.has("Anonymo", at: start)
    {
      return false
    }
    if line.has("warning: ", at: start) { return saslFailure(line, start + 9, end, &event) }
    if line.has("NOQUEUE: ", at: start) {
      return PostfixRejection.parse(line, start + 9, into: &event)
    }
    guard let (id, rest) = PostfixText.queueID(line, start, end) else { return false }
    event.queueID = id
    if line.has("client=", at: rest) { return submission(line, rest + 7, end, &event) }
    return PostfixRejection.parse(line, rest, into: &event)
  }

  /// `name[192.0.2.1], sasl_method=PLAIN, sasl_username=anna@example.net, …`
  private static func submission(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    guard let client = PostfixText.client(line, start, end) else { return false }
    event.kind = .submission
    event.clientAddress = client.address
    var index = client.rest
    if line.has(", sasl_method=", at: index) {
      guard let comma = line.find(.comma, from: index + 14, to: end) else { return true }
      index = comma
    }
    if line.has(", sasl_username=", at: index) {
      let login = index + 16
      var loginEnd = end
      if let next = line.find(", sasl_sender=", from: login, to: end)
        ?? line.find(", orig_queue_id=", from: login, to: end)
        ?? line.find(", orig_client=", from: login, to: end)
      {
        loginEnd = next
      }
      if loginEnd > login { event.saslLogin = Field(login..<loginEnd) }
      index = loginEnd
    }
    if line.has(", orig_queue_id=", at: index) {
      let id = index + 16
      let idEnd = line.find(.comma, from: id, to: end) ?? end
      if idEnd > id { event.originalQueueID = Field(id..<idEnd) }
    }
    return true
  }

  /// `name[192.0.2.1]: SASL LOGIN authentication failed: reason, sasl_username=anna@example.net`
  private static func saslFailure(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    guard let client = PostfixText.client(line, start, end),
      line.has(": SASL ", at: client.rest)
    else { return false }
    let method = client.rest + 7
    guard let methodEnd = line.find(.space, from: method, to: min(end, method + 40)),
      line.has("authentication failed", at: methodEnd + 1)
    else { return false }
    let reason = methodEnd + 22
    // Our own authentication server was away: nobody's password was wrong.
    if line.has(": Connection lost to authentication server", at: reason) { return false }
    event.kind = .login
    event.result = .failure
    event.clientAddress = client.address
    if let login = line.find(", sasl_username=", from: reason, to: end) {
      let name = login + 16
      if name < end, !line.has("(unavailable)", at: name) || end != name + 13 {
        event.saslLogin = Field(name..<end)
      }
    }
    return true
  }

  // MARK: The other daemons

  @inline(__always)
  private static func qmgr(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    if line.has("removed", at: start), end == start + 7 {
      event.kind = .removed
      return true
    }
    if line.has("to=<", at: start) { return PostfixDelivery.parse(line, start, into: &event) }
    guard line.has("from=<", at: start) else { return false }
    // What follows the sender is ours, so the last place where it may begin is where it begins.
    let sender = start + 6
    if let size = line.findLast(">, size=", from: sender, to: end) {
      event.kind = .message
      event.envelopeSender = Field(sender..<size)
      var index = size + 8
      event.sizeBytes = line.number(at: &index, to: end) ?? -1
      guard line.has(", nrcpt=", at: index) else { return false }
      index += 8
      event.recipientCount = Int32(clamping: line.number(at: &index, to: end) ?? -1)
      return line.has(" (queue ", at: index)
    }
    if let status = line.findLast(">, status=", from: sender, to: end) {
      event.kind = .delivery
      event.envelopeSender = Field(sender..<status)
      if line.has("expired", at: status + 10) {
        event.status = .expired
      } else if line.has("force-expired", at: status + 10) {
        event.status = .forceExpired
      } else {
        return false
      }
      return true
    }
    return false
  }

  /// A Message-ID of our own shape; anybody can write one, so it proves nothing yet.
  private static func notice(
    _ line: Span<UInt8>, _ start: Int, _ queueID: Field, _ event: inout LogEvent
  ) -> Bool {
    guard line.count - start <= 300, line[line.count - 1] == .greater else { return false }
    event.kind = .notice
    event.queueID = queueID
    event.messageID = Field(start..<line.count - 1)
    return true
  }

  private static func pickup(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    guard line.has("uid=", at: start) else { return false }
    var index = start + 4
    guard let uid = line.number(at: &index, to: end), line.has(" from=<", at: index) else {
      return false
    }
    event.kind = .submission
    event.service = .pickup
    event.uid = Int32(truncatingIfNeeded: uid)
    let sender = index + 7
    var close = end - 1
    while close > sender, line[close] != .greater { close -= 1 }
    if close >= sender { event.envelopeSender = Field(sender..<close) }
    requeued(line, close + 1, end, &event)
    return true
  }

  /// ` orig_id=OLDID` behind the sender: `postsuper -r` gave a message a new id, and the uid is Postfix's own.
  ///
  /// A sender can contain those words too, but then the line ends with `>`, unless it was cut.
  private static func requeued(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) {
    // Postfix cuts a line at 2000 bytes; no honest sender comes near to that.
    guard end < 1000, line.has(" orig_id=", at: start) else { return }
    let id = start + 9
    guard id < end, line.find(.space, from: id, to: end) == nil else { return }
    event.originalQueueID = Field(id..<end)
    event.uid = -1
  }

  private static func bounce(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    guard
      let notification = line.find(" notification: ", from: start, to: min(end, start + 60))
    else { return false }
    event.kind = .bounceNotice
    if notification + 15 < end { event.nextQueueID = Field(notification + 15..<end) }
    return true
  }

  private static func postsuper(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    if line.has("removed", at: start) {
      event.kind = .removed
    } else if line.has("placed on hold", at: start) {
      event.kind = .held
    } else {
      return false
    }
    return true
  }

  /// `fatal: User msweb1(5101) is not allowed to submit mail`: our own refusal of a site.
  private static func sendmail(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Bool {
    guard line.has("fatal: User ", at: start),
      let text = line.findLast(") is not allowed to submit mail", from: start, to: end),
      let opening = line.findLast("(", from: start, to: text)
    else { return false }
    var index = opening + 1
    guard let uid = line.number(at: &index, to: text) else { return false }
    event.kind = .rejection
    event.service = .pickup
    event.uid = Int32(truncatingIfNeeded: uid)
    event.localUser = Field(start + 12..<opening)
    return true
  }
}
