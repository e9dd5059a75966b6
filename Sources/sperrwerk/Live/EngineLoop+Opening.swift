import Engine
import Events
import Policy
import Service

/// Sending is opened in an order: sessions and caches, the table, and the policy service last of all; then what is
/// still held is seen to.
extension EngineLoop {
  /// What the policy service answers from now on.
  func showStops() {
    if isDry { return }
    var shown = standing
    for (subject, stop) in reopening where shown[subject] == nil { shown[subject] = stop }
    stops.update(shown)
  }

  /// Until an order to open is carried out, its subject is stopped as before.
  func willOpen(_ order: Order) {
    guard order.kind == .open, engine.cases.knows(order.caseNumber), !isDry else { return }
    let steps = engine.cases[order.caseNumber].transitions
    let wasHeld = steps.last { $0.orderKind == .hold || $0.orderKind == .suspend }?.action == .hold
    reopening[order.subject] = wasHeld ? .held : .suspended
  }

  /// Sending is open, whatever there still is to do about queued mail.
  func opened(_ order: Order) {
    reopening[order.subject] = nil
    showStops()
  }

  /// What becomes of queued mail with an order to open; nil where it stays on hold.
  func queueStep(_ order: Order, _ queued: [String]) -> QueueStep? {
    switch queueChoice(order) {
    case .release: .release
    case .delete: .delete(deletion(of: order.subject, queued, Self.openAgain, actor: "sperrwerk"))
    case .keep, nil: nil
    }
  }

  private func queueChoice(_ order: Order) -> QueueChoice? {
    guard order.kind == .open, engine.cases.knows(order.caseNumber) else { return nil }
    let last = engine.cases[order.caseNumber].transitions.last { $0.orderKind == .open }
    // What was kept back of an innocent one goes out.
    guard last?.action == .restore else { return .release }
    return engine.queueChoice(of: order.caseNumber)
      ?? QueueChoice(rawValue: settings["queue.after_restore"]) ?? .keep
  }

  private static let openAgain = "sending is open again (queue.after_restore)"

  /// An order to open has been carried out, with what was queued when it was given; there may be more by now.
  func tookEffect(_ order: Order) {
    opened(order)
    // Stopped again meanwhile: then it all stays as it is.
    guard desk != nil, standing[order.subject] == nil else { return }
    switch queueChoice(order) {
    case .release: seeToQueue(.queueRelease, of: order.subject)
    case .delete: seeToQueue(.queueDelete, of: order.subject)
    case .keep: tellHeld(order)
    case nil: break
    }
  }

  private func seeToQueue(_ command: OperatorRequest.Command, of subject: String) {
    guard !engine.queuedIDs(of: subject).isEmpty else { return }
    let request = OperatorRequest(
      command, subject: subject, reason: Self.openAgain)
    _ = answerQueue(request, actor: "sperrwerk") { reply in
      let text = "queue of \(subject): \(reply.text)"
      if reply.isDone { LiveLog.say(text) } else { Alerts.raise(text, subject: subject) }
    }
  }

  private func tellHeld(_ order: Order) {
    let count = engine.queuedIDs(of: order.subject).count
    if count == 0 { return }
    Alerts.raise(
      "sending of \(order.subject) is open again; up to \(count) messages that it had queued stay on hold: "
        + "'sperrwerk queue list \(order.subject)', then release or delete", subject: order.subject)
  }
}
