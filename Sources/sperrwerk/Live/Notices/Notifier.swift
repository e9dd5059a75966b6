import Actions
import Events
import Policy
import Store

/// A notice's order with what there is to say, as things stood when it was handed on.
struct NoticeWork: Sendable {
  var order: Order
  var facts: NoticeFacts
}

enum NoticeJob: Sendable {
  /// The old logs are read, as far as they went.
  case begin
  case tell(NoticeWork)
  /// Templates of this folder, which have been checked, from here on.
  case templates(String)
}

/// Tells customers: plans who is told, sends what is due, and answers the loop when an order is done.
///
/// What is promised: a notice is noted in the ledger before the mail system gets it and after. Where a crash
/// comes between, the message's name is looked for: while the program that hands it over still runs, in the
/// mail log, and among what Postfix has not picked up yet; only when `settle` has passed and it is nowhere is it
/// handed over again, under the same name. So none is lost, and none is sent twice where the mail log is read.
actor Notifier {
  private let store: LedgerStore
  private let sendmail: Sendmail
  private let watch: NoticeWatch
  private let mailbox: Mailbox
  private let pending: @Sendable (String) async -> Bool
  private var writer: NoticeWriter
  private let every, settle, patience: TimeSpan
  /// Since when the log is followed.
  private var startedAt: Instant?
  private var orders: [Int64: NoticeWork] = [:]
  /// Of whom the ledger could not note yet who is to be told.
  private var unplanned: [Int64: NoticeWork] = [:]
  private var notBefore: [Int64: Instant] = [:]
  private var complained: Set<String> = []
  private var clearedAt: Instant?

  /// - Parameters:
  ///   - every: one mail to a recipient in so long.
  ///   - settle: how long the log is given to name a message after a crash.
  ///   - patience: how long a contact's server may keep a notice waiting until the next is told, too.
  ///   - pending: whether mail to an address waits for Postfix to pick it up.
  init(
    store: LedgerStore, sendmail: Sendmail, watch: NoticeWatch, mailbox: Mailbox,
    writer: sending NoticeWriter, every: TimeSpan, settle: TimeSpan, patience: TimeSpan,
    pending: @escaping @Sendable (String) async -> Bool
  ) {
    (self.store, self.sendmail, self.watch, self.mailbox) = (store, sendmail, watch, mailbox)
    (self.writer, self.pending) = (writer, pending)
    (self.every, self.settle, self.patience) = (every, settle, patience)
  }

  /// Takes other templates; they have been checked.
  func adopt(_ templates: sending NoticeSet) { writer.templates = templates }

  /// From here on what was under way at the end of the last run is looked for.
  func begin(at now: Instant) { startedAt = now }

  // MARK: Orders

  func take(_ work: NoticeWork, at now: Instant) {
    orders[work.order.id] = work
    do {
      let before = try store.notices(of: work.order.id)
      let plan = NoticePlan(
        work.facts,
        tried: before.map {
          .init(recipient: $0.recipient, hasLink: $0.hasLink, isUnread: $0.isUnread)
        },
        refusing: try store.refusing(
          work.facts.contacts.compactMap { MailAddress($0.address)?.description }))
      try store.plan(
        plan.recipients.map {
          LedgerStore.Notice(
            orderID: work.order.id, recipient: $0.address.description, hasLink: $0.hasLink,
            facts: work.facts, at: now)
        })
      if plan.needsOperator, work.facts.kind == .suspended { tellOperator(work, plan) }
      unplanned[work.order.id] = nil
    } catch {
      // The loop would hand it back at once, again and again.
      guard unplanned.updateValue(work, forKey: work.order.id) == nil else { return }
      Alerts.raise("case \(work.facts.caseNumber): its notice waits: \(error)")
    }
  }

  private func tellOperator(_ work: NoticeWork, _ plan: NoticePlan) {
    let wrong =
      plan.invalid.isEmpty ? "" : " (no mail address: \(plan.invalid.joined(separator: ", ")))"
    Alerts.raise(
      "case \(work.facts.caseNumber): no contact outside the incident can be told\(wrong); "
        + "reach the customer by other means", subject: work.facts.subject)
  }

  private func answer(_ order: Order, isDone: Bool, _ text: String) {
    if isDone { orders[order.id] = nil }
    mailbox.send(.outcome(order, isDone: isDone, text: text))
  }

  // MARK: Sending

  /// At start, and then daily.
  private func clearWhenDue(_ open: [LedgerStore.Notice], at now: Instant) {
    if let clearedAt, now >= clearedAt, now - clearedAt < TimeSpan(seconds: 86_400) { return }
    clearedAt = now
    sendmail.clear(except: Set(open.compactMap(\.messageID).map(Self.file)))
  }

  /// Sends what is due, one after the other, and answers for the orders that are done.
  func turn(at now: Instant) async {
    for work in unplanned.values { take(work, at: now) }
    guard startedAt != nil, let open = try? store.openNotices() else { return }
    clearWhenDue(open, at: now)
    tellNext(at: now)
    for (name, notices) in Self.byName(open.filter { $0.state == .sending }) {
      guard await isLost(name, notices[0], at: now) else { continue }
      let lost = await thatMayGo(notices, at: now)
      // Meanwhile the log may have named it, also where the ledger takes nothing.
      if watch.awaits(name) { await send(lost, name, at: now) }
    }
    for ids in due(open.filter { $0.state == .waiting }, at: now) {
      let notices = await thatMayGo(open.filter { ids.contains($0.id) }, at: now)
      guard let first = notices.first else { continue }
      await send(notices, writer.messageID(first), at: now)
    }
    finishOrders()
  }

  /// What lies in the queue for hours is read by nobody: the next contact is told, as after a refusal.
  private func tellNext(at now: Instant) {
    for notice in (try? store.giveNext(before: now - patience, at: now)) ?? [] {
      guard let order = (try? store.order(notice.orderID)) ?? nil else { continue }
      answer(
        order, isDone: false,
        "the notice to \(notice.recipient) was not delivered within \(patience)")
    }
  }

  private func thatMayGo(_ notices: [LedgerStore.Notice], at now: Instant) async
    -> [LedgerStore.Notice]
  {
    var found: [LedgerStore.Notice] = []
    for notice in notices where await mayGo(notice, at: now) { found.append(notice) }
    return found
  }

  /// Whether a notice may still go to its recipient. Where sending has been opened since, what it says is not so any
  /// more; and whoever broke in may have been found in the mailbox that gets the link: then the next contact is told.
  private func mayGo(_ notice: LedgerStore.Notice, at now: Instant) async -> Bool {
    guard notice.facts.kind == .suspended else { return true }
    guard let answer = await facts(of: notice.facts.caseNumber) else { return false }
    guard let facts = answer else {
      try? store.giveUp(notice.id, at: now)
      return false
    }
    guard notice.hasLink,
      facts.contacts.contains(where: {
        $0.isInside && MailAddress($0.address)?.description == notice.recipient
      })
    else { return true }
    try? store.giveUp(notice.id, at: now)
    if let order = orders[notice.orderID]?.order {
      take(NoticeWork(order: order, facts: facts), at: now)
    }
    return false
  }

  /// What the loop has to tell of a case now, nil inside where it is over; nil where the service ends.
  private func facts(of number: Int) async -> NoticeFacts?? {
    let (answers, answer) = AsyncStream.makeStream(of: NoticeFacts?.self)
    mailbox.send(.noticeFacts(number, reply: { answer.yield($0) }))
    for await facts in answers { return .some(facts) }
    return nil
  }

  private static func byName(_ notices: [LedgerStore.Notice])
    -> [(name: String, notices: [LedgerStore.Notice])]
  {
    var groups: [(name: String, notices: [LedgerStore.Notice])] = []
    for notice in notices {
      guard let name = notice.messageID else { continue }
      if let place = groups.firstIndex(where: { $0.name == name }) {
        groups[place].notices.append(notice)
      } else {
        groups.append((name, [notice]))
      }
    }
    return groups
  }

  /// Whether a message that was being handed over is nowhere, though it had time enough to show.
  private func isLost(_ name: String, _ notice: LedgerStore.Notice, at now: Instant) async -> Bool {
    let since = max(notice.time, startedAt ?? now)
    guard now - since >= settle || now < since, mayTry(notice.id, at: now) else { return false }
    if sendmail.isBeingSent(Self.file(name)) { return false }
    if await pending(notice.recipient) {
      notBefore[notice.id] = MachineClock.unstepped + settle
      return false
    }
    return true
  }

  private func due(_ waiting: [LedgerStore.Notice], at now: Instant) -> [[Int64]] {
    let ready = waiting.filter { mayTry($0.id, at: now) }.map {
      NoticeBatch.Waiting(
        id: $0.id, recipient: $0.recipient, kind: $0.facts.kind, hasLink: $0.hasLink,
        since: $0.time)
    }
    return NoticeBatch.due(ready, every: every, at: now) { recipient, kind in
      (try? store.lastSent(recipient, kind)) ?? nil
    }
  }

  /// After a fault it rests a while.
  private func mayTry(_ id: Int64, at now: Instant) -> Bool {
    notBefore[id].map { $0 <= now } ?? true
  }

  private func send(_ notices: [LedgerStore.Notice], _ name: String, at now: Instant) async {
    if notices.isEmpty { return }
    do {
      let message = try writer.message(notices, name, at: MachineClock.wall)
      watch.expect(name)
      try store.begin(notices.map(\.id), messageID: name, at: now)
      // In a task of its own: the end of the service cuts nothing off in the middle.
      let (sendmail, text, file, to) = (sendmail, message.encoded, Self.file(name), message.to)
      try await Task { try await sendmail.send(text, named: file, to: to) }.value
      try store.handedOver(name, at: MachineClock.unstepped)
      complained.remove(name)
    } catch {
      for notice in notices { notBefore[notice.id] = MachineClock.unstepped + settle }
      guard complained.insert(name).inserted else { return }
      for notice in notices {
        if let order = orders[notice.orderID]?.order {
          answer(order, isDone: false, "the notice to \(notice.recipient) waits: \(error)")
        }
      }
    }
  }

  /// A file's name: what stands before the host.
  private static func file(_ name: String) -> String { String(name.prefix { $0 != "@" }) }

  private func finishOrders() {
    for (id, work) in orders.sorted(by: { $0.key < $1.key }) {
      guard unplanned[id] == nil, let notices = try? store.notices(of: id),
        notices.allSatisfy({ $0.state != .waiting && $0.state != .sending })
      else { continue }
      let told = notices.filter { $0.state != .bounced }.map {
        $0.hasLink && $0.facts.kind == .suspended ? "\($0.recipient) (with the link)" : $0.recipient
      }
      answer(
        work.order, isDone: true,
        told.isEmpty ? "nobody could be told by mail" : "told \(told.joined(separator: " and "))")
    }
  }
}
