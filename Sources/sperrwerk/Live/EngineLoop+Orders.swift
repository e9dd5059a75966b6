import Engine
import Events
import Service

/// Orders and what is in force, beyond the moment in which they are decided.
extension EngineLoop {
  /// Whether the order opens the sending of somebody who did nothing wrong: then what was kept back goes out.
  func isInnocent(_ order: Order) -> Bool {
    guard order.kind == .open, order.caseNumber > 0, order.caseNumber <= engine.cases.cases.count
    else { return false }
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
    guard now - lastLook >= every else { return }
    lastLook = now
    orders.yield(.lookAgain(standing))
  }
}

extension Engine.Attempt {
  init(_ attempt: Attempt) {
    self.init(
      subject: attempt.login, address: attempt.clientAddress, recipient: attempt.recipient,
      queueID: attempt.isHandedOver ? attempt.queueID : nil)
  }
}
