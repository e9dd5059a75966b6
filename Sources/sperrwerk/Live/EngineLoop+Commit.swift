import Engine
import Events
import Service
import Store

/// From a decision to its effect: first the inputs, then the decision stand on disk; only then it is carried out.
extension EngineLoop {
  var standing: Standing {
    var standing = Standing()
    for stop in engine.stopped { standing[stop.subject] = stop.isHeld ? .held : .suspended }
    return standing
  }

  func commit() {
    unwritten += engine.takeTransitions()
    let now = engine.now
    do {
      try journal?.write(isLasting: !unwritten.isEmpty || !replies.isEmpty)
      answerAll(isWritten: true)
      guard !unwritten.isEmpty || !finished.isEmpty || now - committed >= TimeSpan(seconds: 1)
      else { return }
      let orders = try store.append(unwritten, finished: finished, decidedTo: now)
      committed = now
      finished.removeAll()
      isWell()
      recording?.append(unwritten)
      for transition in unwritten { LiveLog.say(transition) }
      for order in orders { prepare(order) }
      if !unwritten.isEmpty { showStops() }
      unwritten.removeAll()
      for order in orders { hand(order) }
      if now - lastRetry >= TimeSpan(seconds: 60) {
        lastRetry = now
        expire()
        try requeue()
      }
    } catch {
      isFaulty("\(error)")
    }
  }

  private func answerAll(isWritten: Bool) {
    replies.removeAll { $0.answer(isWritten) }
  }

  /// What must be so before an order is carried out.
  private func prepare(_ order: Order) {
    willOpen(order)
    guard order.kind == .suspend || order.kind == .hold else { return }
    // What was being let go of an earlier case stays: it may be the thief's.
    do { _ = try store.cancelReleases(of: order.subject) } catch {
      Alerts.raise("queued mail of \(order.subject) may still be let go: \(error)")
    }
  }

  private func isWell() {
    if stateFault != nil { LiveLog.say("the state is written again; decisions take effect") }
    stateFault = nil
  }

  private func isFaulty(_ fault: String) {
    if stateFault == nil {
      Alerts.raise("decisions wait, and nothing new is stopped: \(fault)")
    }
    stateFault = fault
    // Operators are not kept waiting for a disk.
    answerAll(isWritten: false)
  }

  /// What is over is kept no longer than the settings say.
  private func expire() {
    let end = engine.now - settings.span("keep")
    do {
      try store.expire(before: end)
      try store.expireAlerts(before: end)
      let remains = DryRunRemains(state: settings["state"])
      if !isDry, remains.isOlder(than: end) { remains.delete() }
    } catch {
      LiveLog.say("\(error)")
    }
  }

  /// Orders that have not been carried out, by this run or an earlier one.
  func requeue() throws(StoreError) {
    for order in try store.pendingOrders()
    where !inFlight.contains(order.id) && retries.isDue(order.id, at: clock.now) { hand(order) }
  }

  func hand(_ order: Order) {
    inFlight.insert(order.id)
    if order.kind.isNotice {
      handNotice(order)
      return
    }
    changing.insert(order.id)
    let queued = engine.queuedIDs(of: order.subject)
    awaitStragglers(order, queued)
    orders.yield(
      .order(
        OrderWork(
          order: order, standing: standing, queued: queued, opening: queueStep(order, queued))))
  }
}
