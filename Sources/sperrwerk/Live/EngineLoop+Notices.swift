import Engine
import Events
import Store

/// The loop's side of the notices.
extension EngineLoop {
  /// Gives a notice's order on, with all that there is to say now.
  func handNotice(_ order: Order) {
    let kind: NoticeFacts.Kind = order.kind == .notify ? .suspended : .restored
    guard let notices else {
      // Something keeps them from being sent, such as the links' key, which was told: they wait.
      if settings.flag("notices.send") { return forgetOrder(order) }
      // Ordered by an earlier run: now nobody is told.
      mailbox.send(.outcome(order, isDone: true, text: "nobody is told: notices.send is false"))
      return
    }
    guard let facts = engine.noticeFacts(kind, of: order.caseNumber) else {
      mailbox.send(.outcome(order, isDone: true, text: "nobody more is told: it is over"))
      return
    }
    notices.orders.yield(.tell(NoticeWork(order: order, facts: facts)))
  }

  func watchNotices(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    if let notices, let seen = notices.watch.see(event, line) { follow(seen) }
  }

  /// Notes what the mail log tells of our own mail.
  func follow(_ seen: NoticeWatch.Seen) {
    unnoted.append(seen)
    if let fault = noteSeen() {
      Alerts.raise("what became of a notice cannot be noted yet: \(fault)")
    }
  }

  /// The log tells it once: while the ledger takes nothing it waits. What was refused goes to the next contact.
  /// - Returns: what keeps it from being noted.
  @discardableResult func noteSeen() -> String? {
    while let seen = unnoted.first {
      do {
        let bounced = try store.note(seen, at: MachineClock.unstepped)
        unnoted.removeFirst()
        guard case .refused(_, let reply) = seen else { continue }
        for notice in bounced {
          // The mailbox itself is told by the way; only a contact has a successor.
          guard notice.hasLink, let order = try store.order(notice.orderID) else { continue }
          mailbox.send(
            .outcome(
              order, isDone: false, text: "the notice to \(notice.recipient) was refused: \(reply)")
          )
        }
      } catch {
        return "\(error)"
      }
    }
    return nil
  }
}

extension LedgerStore {
  /// - Returns: the notices that were refused by that.
  func note(_ seen: NoticeWatch.Seen, at now: Instant) throws -> [Notice] {
    switch seen {
    case .taken(let name, let id): try self.seen(name, as: id, at: now)
    case .passedOn(let name, let id): try passedOn(name, as: id)
    case .delivered(let name): _ = try settle(name, .delivered, at: now)
    case .refused(let name, _): return try settle(name, .bounced, at: now)
    }
    return []
  }
}
