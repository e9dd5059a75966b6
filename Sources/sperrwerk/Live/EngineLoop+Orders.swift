import Engine
import Events
import Service
import Store

/// Orders and what is in force, beyond the moment in which they are decided.
extension EngineLoop {
  /// What became of an order.
  func take(_ order: Order, _ isDone: Bool, _ text: String) {
    forgetOrder(order)
    finished.append(FinishedOrder(id: order.id, isDone: isDone, outcome: text))
    feed(
      .outcome(
        order: order.id, caseNumber: order.caseNumber, kind: order.kind, isDone: isDone,
        text: text, at: clock.now))
    if order.kind == .open, isDone { tookEffect(order) }
    if isDone { return retries.forget(order.id) }
    // A notice goes to its next contact, or to the same one again.
    if order.kind.isNotice { hand(order) } else { retries.failed(order.id, at: clock.now) }
  }

  func forgetOrder(_ order: Order) {
    inFlight.remove(order.id)
    changing.remove(order.id)
  }

  /// Lets the actuator see whether all that is in force still holds.
  func lookAgainWhenDue() {
    let now = clock.now
    let every = settings.span("look_again")
    guard every > .zero, !isDry else { return }
    // The start has just written everything.
    if lastLook == .distantPast { lastLook = now }
    // What an order is just changing is nobody's fault.
    guard now - lastLook >= every, changing.isEmpty else { return }
    lastLook = now
    orders.yield(.lookAgain(standing))
  }
}

/// When orders that failed are tried again: soon, and ever more seldom.
struct OrderRetries {
  private static let pauses: [Int64] = [60, 300, 900, 3600]
  private var failures: [Int64: (count: Int, due: Instant)] = [:]

  mutating func failed(_ id: Int64, at now: Instant) {
    let count = failures[id]?.count ?? 0
    let pause = Self.pauses[min(count, Self.pauses.count - 1)]
    failures[id] = (count + 1, now + TimeSpan(seconds: pause))
  }

  func isDue(_ id: Int64, at now: Instant) -> Bool { failures[id].map { $0.due <= now } ?? true }

  mutating func forget(_ id: Int64) { failures[id] = nil }
}

// MARK: Stragglers

/// What a subject had in the queue when it was stopped: what was accepted a moment before, or was in a content
/// filter, comes into the log after that.
struct Stragglers {
  /// When it is looked for them: the first is the longest that Postfix's own delivery to a filter on the same machine
  /// takes, and the log; the others are for a filter that has much to do.
  private static let looks = [10, 60, 300].map { TimeSpan(seconds: $0) }
  /// A service that is killed again and again has come so far at last.
  static let patience = TimeSpan(seconds: 600)

  let subject: String
  private let since: Instant
  var known: Set<String>
  private var look = 0

  init(_ subject: String, since: Instant, known: Set<String> = []) {
    (self.subject, self.since, self.known) = (subject, since, known)
  }

  var due: Instant { since + Self.looks[look] }

  /// - Returns: whether it is looked for them once more.
  mutating func goOn() -> Bool {
    look += 1
    return look < Self.looks.count
  }
}

extension EngineLoop {
  func awaitStragglers(_ order: Order, _ queued: [String]) {
    stragglers.removeAll { $0.subject == order.subject }
    guard order.kind != .open, !isDry else { return }
    stragglers.append(Stragglers(order.subject, since: clock.now, known: Set(queued)))
  }

  /// A service that ended within that time has not seen them; they may have come into the log while it was away.
  func awaitStragglersAgain() {
    if isDry { return }
    for subject in engine.stoppedAlone(within: Stragglers.patience)
    where !stragglers.contains(where: { $0.subject == subject }) {
      stragglers.append(Stragglers(subject, since: clock.now))
    }
  }

  /// They are held as well. What is accepted later of a subject on hold is on hold already.
  func holdStragglers() {
    let now = clock.now
    guard stragglers.contains(where: { $0.due <= now }) else { return }
    // What an operator has let go is not taken back.
    let alone = Set(engine.stoppedAlone())
    stragglers = stragglers.compactMap { one in
      var one = one
      guard one.due <= now else { return one }
      guard alone.contains(one.subject) else { return nil }
      let late = engine.queuedIDs(of: one.subject).filter { !one.known.contains($0) }
      if !late.isEmpty { orders.yield(.hold(late, of: one.subject)) }
      one.known.formUnion(late)
      return one.goOn() ? one : nil
    }
  }
}

extension Engine.Attempt {
  init(_ attempt: Attempt) {
    self.init(
      subject: attempt.login, address: attempt.clientAddress, recipient: attempt.recipient,
      queueID: attempt.isHandedOver ? attempt.queueID : nil)
  }
}
