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

  /// An order to open has been carried out, or not: then it is tried again, and its subject stays stopped.
  func opened(_ order: Order, _ isDone: Bool) {
    guard isDone else { return }
    reopening[order.subject] = nil
    showStops()
    // Stopped again meanwhile: then it all stays as it is.
    guard standing[order.subject] == nil else { return }
    guard desk != nil, engine.cases.knows(order.caseNumber) else { return }
    let last = engine.cases[order.caseNumber].transitions.last { $0.orderKind == .open }
    switch last?.action {
    case .restore:
      let setting = QueueChoice(rawValue: settings["queue.after_restore"])
      switch engine.queueChoice(of: order.caseNumber) ?? setting ?? .keep {
      case .release: seeToQueue(.queueRelease, of: order.subject)
      case .delete: seeToQueue(.queueDelete, of: order.subject)
      case .keep: tellHeld(order)
      }
    // What was kept back of an innocent one goes out with the order itself, but for what came meanwhile.
    default: seeToQueue(.queueRelease, of: order.subject)
    }
  }

  private func seeToQueue(_ command: OperatorRequest.Command, of subject: String) {
    guard !engine.queuedIDs(of: subject).isEmpty else { return }
    let request = OperatorRequest(
      command, subject: subject, reason: "sending is open again (queue.after_restore)")
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
