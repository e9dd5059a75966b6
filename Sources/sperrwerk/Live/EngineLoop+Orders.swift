import Engine
import Events
import Service

/// Orders and what is in force, beyond the moment in which they are decided.
extension EngineLoop {
  /// Whether the order opens the sending of somebody who did nothing wrong: then what was kept back goes out.
  func isInnocent(_ order: Order) -> Bool {
    guard order.kind == .open, engine.cases.knows(order.caseNumber) else { return false }
    let state = engine.cases[order.caseNumber].state
    return state == .closed || state == .dismissed
  }

  /// Lets the actuator see whether all that is in force still holds.
  func lookAgainWhenDue() {
    let now = clock.now
    let every = settings.span("look_again")
    guard every > .zero, !isDry else { return }
    // The start has just written everything.
    if lastLook == .distantPast { lastLook = now }
    // What an order is just changing is nobody's fault.
    guard now - lastLook >= every, inFlight.isEmpty else { return }
    lastLook = now
    orders.yield(.lookAgain(standing))
  }
}

// MARK: Stragglers

/// What a subject had in the queue when it was stopped: what was accepted a moment before, or was in a content
/// filter, comes into the log after that.
struct Stragglers {
  /// The longest that Postfix's own delivery to a filter on the same machine takes, and the log.
  static let time = TimeSpan(seconds: 10)

  var subject: String
  var due: Instant
  var known: Set<String>
}

extension EngineLoop {
  func awaitStragglers(_ order: Order, _ queued: [String]) {
    stragglers.removeAll { $0.subject == order.subject }
    guard order.kind != .open, !isDry else { return }
    stragglers.append(
      Stragglers(subject: order.subject, due: clock.now + Stragglers.time, known: Set(queued)))
  }

  /// They are held as well. What is accepted later of a subject on hold is on hold already.
  func holdStragglers() {
    let now = clock.now
    guard stragglers.contains(where: { $0.due <= now }) else { return }
    for one in stragglers where one.due <= now {
      let late = engine.queuedIDs(of: one.subject).filter { !one.known.contains($0) }
      if !late.isEmpty { orders.yield(.hold(late, of: one.subject)) }
    }
    stragglers.removeAll { $0.due <= now }
  }
}

extension Engine.Attempt {
  init(_ attempt: Attempt) {
    self.init(
      subject: attempt.login, address: attempt.clientAddress, recipient: attempt.recipient,
      queueID: attempt.isHandedOver ? attempt.queueID : nil)
  }
}
