import Actions
import Events
import Store

/// What a subject has in the queue: shown, let go in small steps, or deleted when its time has come.
///
/// What is planned stands in the store, so that a restart goes on where it was.
actor QueueDesk {
  let queue: MailQueue
  private let store: LedgerStore
  /// Messages a minute: a newsletter let go at once is what gets an address listed.
  private var perMinute: Int
  private let alert: @Sendable (String) -> Void
  private var isWorking = false
  /// After a fault: not before then.
  private var restsUntil = Instant.distantPast

  /// Postfix keeps no longer what was only put on hold than its queue lifetime, counted from arrival; a message
  /// that is older gets a new one.
  private static let fresh = TimeSpan(seconds: 86_400)
  private static let minute = TimeSpan(seconds: 60)

  init(
    queue: MailQueue, store: LedgerStore, perMinute: Int,
    alert: @escaping @Sendable (String) -> Void
  ) {
    (self.queue, self.store, self.perMinute, self.alert) = (queue, store, perMinute, alert)
  }

  func pace(_ perMinute: Int) { self.perMinute = perMinute }

  /// Puts on hold, and sees that it is.
  /// - Returns: how many messages that was.
  func hold(_ ids: [String], of subject: String) async throws(ActionError) -> Int {
    let count = try await queue.change(.hold, ids)
    // A release that was being planned just then.
    _ = try? store.cancelReleases(of: subject)
    let listed: [QueuedMail]
    do { listed = try await queue.messages(ids) } catch {
      // Its sender is stopped all the same, and the customer is to hear of it.
      alert("whether queued mail of \(subject) is on hold could not be seen: \(error)")
      return count
    }
    // One that was just being moved from one of Postfix's folders to another is missed.
    let loose = listed.count { !$0.isHeld && !$0.isDelivered }
    guard loose == 0 else {
      throw ActionError(
        place: "queued mail of \(subject)",
        problem: "\(NumberText.counted(loose, "message")) not on hold after postsuper",
        remedy:
          "it is tried again; see that postfix.config and postfix.postsuper are of the same Postfix"
      )
    }
    return count
  }

  /// Lets go what is on hold: the first at once, the others minute by minute.
  func release(_ ids: [String], of subject: String, at now: Instant) async -> OperatorReply {
    do {
      let planned = try await plan(ids, of: subject)
      await turn(at: now)
      let waiting = try store.releaseCount(of: subject)
      return OperatorReply(
        isDone: true,
        text: "\(NumberText.counted(max(0, planned - waiting), "message")) released"
          + (waiting == 0 ? "" : ", \(waiting) follow at \(perMinute) a minute"))
    } catch {
      return OperatorReply(isDone: false, text: "\(error)")
    }
  }

  /// - Returns: how many messages are to be let go.
  private func plan(_ ids: [String], of subject: String) async throws -> Int {
    let held = try await queue.messages(ids).filter(\.isHeld)
    try await drop(held.filter(\.isDelivered))
    return try store.plan(
      held.filter { !$0.isDelivered }.map {
        LedgerStore.Release(
          queueID: $0.queueID, subject: subject, arrival: Instant(seconds: $0.arrivalTime))
      })
  }

  /// Puts on hold what is to be deleted, until its time has come.
  func plan(_ deletion: LedgerStore.Deletion) async -> OperatorReply {
    do {
      var deletion = deletion
      _ = try store.cancelReleases(of: deletion.subject)
      _ = try await queue.change(.hold, deletion.ids)
      let held = try await queue.messages(deletion.ids).filter(\.isHeld)
      let count = held.count
      guard let newest = held.map(\.arrivalTime).max() else {
        return OperatorReply(
          isDone: true, text: "nothing of \(deletion.subject) is in the queue any more")
      }
      // By a clock that was set back since it may have arrived in the future.
      deletion.planned = max(deletion.planned, Instant(seconds: newest))
      try store.plan(deletion)
      return OperatorReply(
        isDone: true,
        text: "\(NumberText.counted(count, "message")) on hold, and deleted at "
          + "\(deletion.due.rfc3339(digits: 0)); until then 'sperrwerk queue keep' undoes it")
    } catch {
      return OperatorReply(isDone: false, text: "\(error)")
    }
  }

  /// A message that was on its way when it was put on hold has arrived: its file is a leftover.
  private func drop(_ delivered: [QueuedMail]) async throws {
    if delivered.isEmpty { return }
    let count = try await queue.change(.delete, delivered.map(\.queueID))
    LiveLog.say("\(count) held messages dropped that had been delivered meanwhile")
  }

  // MARK: By and by

  /// Does what is due. A fault is told, and tried again after a minute.
  func turn(at now: Instant) async {
    guard !isWorking, now >= restsUntil || restsUntil - now > Self.minute else { return }
    isWorking = true
    defer { isWorking = false }
    do {
      try await deleteWhatIsDue(now)
      try await releaseSome(now)
    } catch {
      restsUntil = now + Self.minute
      alert("queued mail could be neither released nor deleted: \(error)")
    }
  }

  private func deleteWhatIsDue(_ now: Instant) async throws {
    for deletion in try store.deletions(due: now) {
      // What arrived later under one of these ids is another message.
      let ids = try await queue.messages(deletion.ids).filter {
        $0.isHeld
          && (deletion.planned.seconds == 0 || $0.arrivalTime <= deletion.planned.seconds)
      }.map(\.queueID)
      let count = try await queue.change(.delete, ids)
      try store.finish(deletion)
      LiveLog.say(
        "\(count) held messages of \(deletion.subject) deleted, as \(deletion.actor) ordered: "
          + deletion.reason)
    }
  }

  private func releaseSome(_ now: Instant) async throws {
    var (start, count) = try store.releaseMinute
    // Also where the clock was put back.
    if now - start >= Self.minute || now < start { (start, count) = (now, 0) }
    guard count < perMinute else { return }
    let next = try store.releases(first: perMinute - count)
    if next.isEmpty { return }
    let arrivals = Dictionary(
      next.map { ($0.queueID, $0.arrival.seconds) }, uniquingKeysWith: { first, _ in first })
    let held = try await queue.messages(next.map(\.queueID)).filter {
      $0.isHeld && arrivals[$0.queueID] == $0.arrivalTime
    }
    try await drop(held.filter(\.isDelivered))
    let waiting = held.filter { !$0.isDelivered }
    func isFresh(_ message: QueuedMail) -> Bool {
      now - Instant(seconds: message.arrivalTime) < Self.fresh
    }
    let fresh = waiting.filter(isFresh).map(\.queueID)
    count += try await queue.change(.release, fresh)
    count += try await queue.change(.requeue, waiting.filter { !isFresh($0) }.map(\.queueID))
    try store.finish(next, inMinuteFrom: start, count: count)
    await queue.tryNow(fresh)
  }
}

extension MailQueue {
  /// Looks, and changes nothing.
  /// - Parameter planned: a deletion that can still be undone.
  func list(_ ids: [String], of subject: String, _ planned: LedgerStore.Deletion?) async
    -> OperatorReply
  {
    do {
      let found = try await look(for: ids).filter { !$0.isDelivered }
      var listing = QueueListing(subject: subject, messages: found.map(\.listed))
      listing.deletion = planned.map {
        .init(messages: $0.ids.count, due: $0.due, actor: $0.actor, reason: $0.reason)
      }
      return OperatorReply(isDone: true, text: "", data: .queue(listing))
    } catch {
      return OperatorReply(isDone: false, text: "\(error)")
    }
  }
}

extension QueuedMail {
  var listed: QueueListing.Message {
    .init(
      id: queueID, queue: queueName, arrivedAt: Instant(seconds: arrivalTime),
      sizeBytes: messageSize, envelopeSender: sender,
      recipients: recipients.map { .init(address: $0.address, reply: $0.delayReason) })
  }
}
