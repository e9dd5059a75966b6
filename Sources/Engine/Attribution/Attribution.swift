import Events
import Policy

/// Joins what the log says of a queue id to the account or site that submitted the message.
struct Attribution {
  private(set) var queue: QueueTable
  private var servers = Servers()
  private var attempts = AttemptJoin()
  /// Results of messages from this machine whose first id is not known yet.
  private var waiting: [QueueTable.Place: [(event: LogEvent, line: [UInt8])]] = [:]
  private var waitingCount = 0
  /// By place and generation.
  private var recipients: [HashKey: SeenRecipients] = [:]

  private var claims = Claims()
  private var relays = LocalRelays()

  private(set) var statistics = AttributionStatistics()

  /// Messages and results that had no room since the last call: their senders go unseen.
  mutating func takeDropped() -> Int {
    let dropped = queue.dropped + statistics.waitingDropped
    defer { statistics.toldDropped = dropped }
    return dropped - statistics.toldDropped
  }

  init(queueLimit: Int) { queue = QueueTable(limit: queueLimit) }

  mutating func sweep(_ now: Instant) {
    queue.sweep(now)
    sweepRecipients()
    if !waiting.isEmpty {
      for place in waiting.keys.sorted() where !queue[place].isLive || queue[place].isRemoved {
        let lost = waiting.removeValue(forKey: place)!
        waitingCount -= lost.count
      }
    }
  }

  // MARK: The lines of a message's life

  /// `QID: client=` or `QID: uid=`: a new message, whatever bore the id before.
  /// - Parameters:
  ///   - isHere: a program on this machine handed it over.
  ///   - client: from where its sender works; nil where nothing tells.
  mutating func submission(
    _ event: LogEvent, _ line: Span<UInt8>, subject: Int32, isHere: Bool, client: NetworkAddress?,
    isStopped: Bool, isFromNewPlace: Bool, at now: Instant
  ) {
    guard let key = key(event, line, event.queueID) else { return }
    let origin: QueuedMessage.Origin =
      subject >= 0 ? .submitted : isHere ? .local : .incoming
    if origin == .local, isAwaited(key, at: now) { return }
    var message = QueuedMessage(origin: origin, subject: subject, submittedAt: now)
    message.clientAddress = client
    message.wasStopped = isStopped
    message.isFromNewPlace = isFromNewPlace
    if origin == .local, let claim = claims.take(key.id, at: now) {
      message.origin = .submitted
      message.subject = claim.subject
      message.wasStopped = claim.isStopped
    }
    let place = queue.begin(key, message, at: now)
    dropWaiting(place)
    // The second copy may name its first id itself.
    if origin == .local, event.originalQueueID.hasText,
      let first = self.key(event, line, event.originalQueueID).flatMap({ queue.find($0) })
    {
      adopt(place, from: first)
    }
  }

  /// Whether a content filter said shortly before that it gives a message back under this id.
  private mutating func isAwaited(_ key: QueueTable.Key, at now: Instant) -> Bool {
    guard let place = queue.find(key), queue[place].isSecondCopy, !queue[place].isAnnounced,
      queue[place].relay >= 0, now - queue[place].submittedAt < LocalRelays.soon
    else { return false }
    relays.gaveBack(queue[place].relay)
    return true
  }

  /// `QID: uid=… orig_id=OLDID`: the same message under a new id, put back into the queue by `postsuper -r`.
  mutating func requeued(_ event: LogEvent, _ line: Span<UInt8>, at now: Instant) {
    guard let key = key(event, line, event.queueID),
      let oldKey = self.key(event, line, event.originalQueueID)
    else { return }
    guard let old = queue.find(oldKey) else {
      _ = queue.begin(key, QueuedMessage(origin: .unknown, submittedAt: now), at: now)
      return
    }
    let seen = queue[old].hasRecipients ? recipients[mark(old)] : nil
    var message = queue[old]
    message.isRemoved = false
    queue.remove(old, at: now)
    let place = queue.begin(key, message, at: now)
    dropWaiting(place)
    if let seen { recipients[mark(place)] = seen }
  }

  /// A message that is somebody's here, whose sender cannot be told.
  mutating func countNobodys() {
    statistics.messages += 1
    statistics.unattributed += 1
  }

  /// Whose message it is, where the log has neither login nor uid: a website that spoke SMTP to this machine.
  /// - Returns: the message's results so far.
  mutating func claim(_ id: QueueID, subject: Int32, isStopped: Bool, at now: Instant)
    -> (place: QueueTable.Place, waited: [(event: LogEvent, line: [UInt8])])?
  {
    for server in servers.all {
      guard let place = queue.find(QueueTable.Key(id: id, server: server)),
        queue[place].origin == .local, !queue[place].isRemoved
      else { continue }
      queue[place].origin = .submitted
      queue[place].subject = subject
      queue[place].wasStopped = isStopped
      if queue[place].isAnnounced { statistics.unattributed -= 1 }
      let waited = waiting.removeValue(forKey: place) ?? []
      waitingCount -= waited.count
      return (place, waited)
    }
    // The log is behind.
    claims.put(id, subject, isStopped, at: now)
    return nil
  }

  /// The queue manager's `from=`: counted at first sight, for that is when the message exists.
  mutating func message(_ event: LogEvent, _ line: Span<UInt8>, at now: Instant) -> QueueTable
    .Place?
  {
    guard let key = key(event, line, event.queueID) else { return nil }
    let place =
      queue.find(key)
      ?? queue.begin(
        key,
        QueuedMessage(origin: event.envelopeSender.hasText ? .unknown : .system, submittedAt: now),
        at: now)
    if queue[place].isAnnounced { return nil }
    queue[place].isAnnounced = true
    if queue[place].isSecondCopy { relays.gaveBack(queue[place].relay) }
    queue[place].recipientCount = max(0, event.recipientCount)
    switch queue[place].origin {
    case .submitted where !queue[place].isSecondCopy:
      statistics.messages += 1
      return place
    case .local, .unknown: countNobodys()
    default: break
    }
    return nil
  }

  /// A bounce or a forward that the mail system made itself.
  mutating func systemMessage(_ event: LogEvent, _ line: Span<UInt8>, at now: Instant) {
    guard let key = key(event, line, event.nextQueueID) else { return }
    if let place = queue.find(key), !queue[place].isRemoved {
      if queue[place].origin == .unknown { queue[place].origin = .system }
      return
    }
    _ = queue.begin(key, QueuedMessage(origin: .system, submittedAt: now), at: now)
  }

  /// Which script made a message that this host handed over; the first that is named counts.
  /// - Returns: whose message it is, or -1.
  mutating func script(_ script: Int32, _ event: LogEvent, _ line: Span<UInt8>) -> Int32 {
    guard let key = key(event, line, event.queueID), let place = queue.find(key),
      queue[place].script < 0
    else { return -1 }
    queue[place].script = script
    return queue[place].subject
  }

  mutating func removed(_ event: LogEvent, _ line: Span<UInt8>, at now: Instant) {
    guard let key = key(event, line, event.queueID), let place = queue.find(key) else { return }
    queue.remove(place, at: now)
  }

  /// - Returns: the message, where this result is to be counted for its subject.
  mutating func delivery(
    _ event: LogEvent, _ line: Span<UInt8>, at now: Instant
  ) -> Delivered {
    guard let key = key(event, line, event.queueID) else { return .notCounted }
    guard let place = queue.find(key) else {
      return .nobodys
    }
    switch queue[place].origin {
    case .incoming, .system, .unknown: return .nobodys
    case .local:
      wait(place, event, line)
      return .notCounted
    case .submitted:
      if event.status == .sent, event.nextQueueID.hasText, let relay = LocalRelays.hash(event, line)
      {
        return handOver(event, line, from: place, to: relays.place(relay), at: now)
      }
      if !isFirstSight(event, line, place) { return .notCounted }
      return .of(place)
    }
  }

  enum Delivered {
    case notCounted, nobodys
    case of(QueueTable.Place)
    /// The second copy of a content filter is known now; its results so far follow.
    case linked(QueueTable.Place, waited: [(event: LogEvent, line: [UInt8])])
  }

  mutating func isFirstLine(_ event: LogEvent, _ line: Span<UInt8>, second: Int64) -> Bool {
    attempts.isFirst(event, line, second: second)
  }

  /// The message that a queue snapshot names, where the log has told of it.
  func inQueue(_ event: LogEvent, _ line: Span<UInt8>) -> QueuedMessage? {
    guard event.queueID.hasText, let id = QueueID(line, event.queueID.range) else { return nil }
    for server in servers.all {
      if let place = queue.find(QueueTable.Key(id: id, server: server)) { return queue[place] }
    }
    return nil
  }

  /// Whether another recipient of the message got an answer of the same class from the same provider,
  /// one that is about the message or about us: such answers are one, however many recipients they hit.
  mutating func isSameAnswer(
    _ place: QueueTable.Place, provider: UInt64, _ replyClass: ReplyClass
  ) -> Bool {
    guard queue[place].recipientCount > 1, replyClass != .accepted, replyClass != .userUnknown,
      replyClass != .mailboxFull
    else { return false }
    let answer = FieldHash.mix(provider, UInt64(replyClass.rawValue))
    return !isNew(answer, place, \.answers)
  }

  // MARK: Content filters

  private mutating func handOver(
    _ event: LogEvent, _ line: Span<UInt8>, from first: QueueTable.Place,
    to relay: LocalRelays.Place, at now: Instant
  ) -> Delivered {
    // Who never gave anything back is on the way out: that it took the mail is the result.
    let result: Delivered = relays.givesBack(relay) ? .notCounted : .of(first)
    guard let key = key(event, line, event.nextQueueID) else { return result }
    guard let second = queue.find(key) else {
      guard relays.hand(relay) else { return result }
      var copy = queue[first]
      copy.isSecondCopy = true
      copy.relay = relay
      copy.isAnnounced = false
      copy.isRemoved = false
      copy.hasRecipients = false
      _ = queue.begin(key, copy, at: now)
      return result
    }
    if queue[second].isSecondCopy, !queue[second].isAnnounced { return result }
    if queue[second].origin == .submitted, !queue[second].isSecondCopy { return .notCounted }
    relays.gaveBack(relay)
    adopt(second, from: first)
    let waited = waiting.removeValue(forKey: second) ?? []
    waitingCount -= waited.count
    return waited.isEmpty ? .notCounted : .linked(second, waited: waited)
  }

  private mutating func adopt(_ second: QueueTable.Place, from first: QueueTable.Place) {
    let parent = queue[first]
    if queue[second].isAnnounced, queue[second].origin == .local {
      statistics.messages -= 1
      statistics.unattributed -= 1
    }
    queue[second].origin = parent.origin
    queue[second].subject = parent.subject
    queue[second].submittedAt = parent.submittedAt
    queue[second].clientAddress = parent.clientAddress
    queue[second].wasStopped = parent.wasStopped
    queue[second].isFromNewPlace = parent.isFromNewPlace
    queue[second].script = parent.script
    queue[second].isSecondCopy = true
  }

  private mutating func wait(_ place: QueueTable.Place, _ event: LogEvent, _ line: Span<UInt8>) {
    guard waitingCount < 20_000, waiting[place, default: []].count < 32 else {
      statistics.waitingDropped += 1
      return
    }
    waiting[place, default: []].append((event, line.indices.map { line[$0] }))
    waitingCount += 1
  }

  private mutating func dropWaiting(_ place: QueueTable.Place) {
    guard let lost = waiting.removeValue(forKey: place) else { return }
    waitingCount -= lost.count
  }

  // MARK: Recipients

  /// A recipient counts once as deferred, however often it is tried, and once when it is final.
  private mutating func isFirstSight(
    _ event: LogEvent, _ line: Span<UInt8>, _ place: QueueTable.Place
  ) -> Bool {
    guard event.status == .deferred else { return true }
    guard event.recipient.hasText else { return true }
    let hash = FieldHash.lowercased(line, event.recipient.range)
    return isNew(hash, place, \.deferred)
  }

  /// Remembers something of a message's recipients; whether it was new.
  private mutating func isNew(
    _ hash: UInt64, _ place: QueueTable.Place, _ list: WritableKeyPath<SeenRecipients, [UInt64]>
  ) -> Bool {
    let key = mark(place)
    queue[place].hasRecipients = true
    var seen = recipients.removeValue(forKey: key) ?? SeenRecipients()
    defer { recipients[key] = seen }
    if seen[keyPath: list].contains(hash) { return false }
    if seen[keyPath: list].count < 1000 { seen[keyPath: list].append(hash) }
    return true
  }

  private func mark(_ place: QueueTable.Place) -> HashKey {
    HashKey(UInt64(queue[place].generation) << 32 | UInt64(place))
  }

  /// Forgets the recipients of messages that are gone.
  private mutating func sweepRecipients() {
    recipients = recipients.filter { key, _ in
      let place = QueueTable.Place(truncatingIfNeeded: key.value & 0xffff_ffff)
      return queue[place].isLive && queue[place].generation == UInt32(key.value >> 32)
    }
  }

  // MARK: Keys

  private mutating func key(_ event: LogEvent, _ line: Span<UInt8>, _ id: Field) -> QueueTable.Key?
  {
    guard id.hasText, let id = QueueID(line, id.range) else { return nil }
    return QueueTable.Key(id: id, server: servers.number(event, line))
  }
}

// MARK: Bytes

extension Attribution {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try queue.keep(in: &archive)
    try servers.keep(in: &archive)
    try attempts.keep(in: &archive)
    try archive.keep(&waiting, or: (0, [])) { (place, results, archive) throws(SnapshotError) in
      try archive.keep(&place)
      try archive.keep(&results, or: (LogEvent(), [])) {
        (result, archive) throws(SnapshotError) in
        try archive.keep(&result.event)
        try archive.keep(&result.line)
      }
    }
    waitingCount = waiting.values.reduce(0) { $0 + $1.count }
    try archive.keep(&recipients, or: (HashKey(0), SeenRecipients())) {
      (key, seen, archive) throws(SnapshotError) in
      try archive.keep(&key)
      try seen.keep(in: &archive)
    }
    try claims.keep(in: &archive)
    try relays.keep(in: &archive)
    try statistics.keep(in: &archive)
  }
}
