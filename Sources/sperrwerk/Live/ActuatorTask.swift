import Actions
import Events
import Service
import Store

/// What the actuator is given to do.
enum Work: Sendable {
  /// First of all: what is in force already.
  case begin(Standing)
  case order(OrderWork)
  /// Queued mail that came into the log after its sender was stopped.
  case hold([String], of: String)
  /// Panels overwrite tables: whether all that is in force still holds.
  case lookAgain(Standing)
}

/// An order on its way to the actuator, with what is in force then and what the subject has queued.
struct OrderWork: Sendable {
  var order: Order
  var standing: Standing
  var queued: [String]
  /// What becomes of the queued mail when sending is open again; nil where it stays on hold.
  var opening: QueueStep?
  /// When it was handed on.
  var since = ContinuousClock.now
}

/// What is done with queued mail when sending is open again.
enum QueueStep: Sendable {
  case release
  case delete(LedgerStore.Deletion)
}

/// Carries out orders, one a subject at a time, with retries; what became of them goes back to the loop.
struct ActuatorTask: Sendable {
  let actuator: any Actuator
  let mailbox: Mailbox
  /// Nil in a dry run.
  var desk: QueueDesk? = nil
  var probe: StopProbe? = nil
  /// A new password is valid only after this long, and until then the old one: opened sooner, the customer's first
  /// try would fail. (Dovecot looks at its files once a second.)
  static let settling = Duration.milliseconds(1200)
  /// Between tries.
  var pauses: [Duration] = [.seconds(1), .seconds(4)]
  private let lanes = OrderLanes()
  private let turnstile = Turnstile()

  init(
    actuator: any Actuator, mailbox: Mailbox, desk: QueueDesk? = nil, probe: StopProbe? = nil
  ) {
    (self.actuator, self.mailbox, self.desk, self.probe) = (actuator, mailbox, desk, probe)
  }

  func run(_ orders: AsyncStream<Work>) async {
    await withDiscardingTaskGroup { group in
      for await work in orders {
        switch work {
        case .begin(let standing):
          await lanes.adopt(standing)
          await turnstile.enter()
          do { try await actuator.begin(standing) } catch { alert("at start: \(error)") }
          await turnstile.leave()
        case .order(let work):
          let subject = work.order.subject
          if await lanes.add(work) { group.addTask { await workOff(subject) } }
        case .hold(let ids, let subject): group.addTask { await hold(ids, of: subject) }
        case .lookAgain(let standing):
          await lanes.adopt(standing)
          group.addTask { await lookAgain() }
        }
      }
    }
  }

  private func alert(_ text: String) { mailbox.send(.alert(text)) }

  private func workOff(_ subject: String) async {
    var next = await lanes.first(of: subject)
    while let work = next {
      let outcome = await carryOut(work)
      mailbox.send(
        outcome.map { .outcome(work.order, isDone: $0.isDone, text: $0.text) }
          ?? .overtaken(work.order))
      next = await lanes.finish(subject)
    }
  }

  /// - Returns: nil where a later order has taken its place.
  private func carryOut(_ work: OrderWork) async -> (isDone: Bool, text: String)? {
    var problem = ""
    if work.order.kind == .open, desk != nil {
      try? await Task.sleep(until: work.since + Self.settling, clock: .continuous)
    }
    for pause in pauses.map(Optional.some) + [nil] {
      if await lanes.isOvertaken(work.order.subject) { return nil }
      do { return (true, try await doIt(work)) } catch {
        problem = "\(error)"
        if let pause { try? await Task.sleep(for: pause) }
      }
    }
    return (false, problem)
  }

  /// Each step is tried, whatever became of the others: one table that fails must not let queued spam go.
  private func doIt(_ work: OrderWork) async throws(ActionError) -> String {
    var seen: [String] = []
    var fault: ActionError?
    func step(_ body: () async throws(ActionError) -> String?) async {
      do { if let text = try await body() { seen.append(text) } } catch { fault = fault ?? error }
    }
    let isOpening = work.order.kind == .open
    // Once open, whoever logs in has the new password: only queued mail is tried again.
    let isOpen = await lanes.wasOpened(work.order)
    if isOpening, !isOpen { await step { await actuator.endSessions(work.order) } }
    await step { () async throws(ActionError) in try await actInTurn(work.order) }
    // The policy service is opened last, and only when all else has been.
    if isOpening, fault == nil, await lanes.standing[work.order.subject] == nil {
      probe?.stops.open(work.order.subject)
      await lanes.opened(work.order)
      mailbox.send(.opened(work.order))
    }
    // Side by side: neither is to wait for a program that hangs.
    async let sessions = isOpening ? nil : actuator.endSessions(work.order)
    await step { () async throws(ActionError) in try await carryOutInQueue(work) }
    let ended = await sessions
    await step { ended }
    await step { () async throws(ActionError) in try await probe?.see(work.order.subject) }
    if let fault { throw fault }
    return seen.joined(separator: "; ")
  }

  private func hold(_ ids: [String], of subject: String) async {
    guard let desk else { return }
    for pause in pauses.map(Optional.some) + [nil] {
      // Opened meanwhile: then it may go.
      guard await lanes.standing[subject] != nil else { return }
      do {
        let count = try await desk.hold(ids, of: subject)
        if count > 0 { LiveLog.say("\(count) more queued messages of \(subject) held") }
        return
      } catch {
        if let pause {
          try? await Task.sleep(for: pause)
        } else {
          alert("queued mail of \(subject) could not be held: \(error)")
        }
      }
    }
  }

  private func carryOutInQueue(_ work: OrderWork) async throws(ActionError) -> String? {
    let subject = work.order.subject
    guard let desk, !work.queued.isEmpty else { return nil }
    if work.order.kind != .open {
      let count = try await desk.hold(work.queued, of: subject)
      return "\(count) of \(work.queued.count) queued messages held"
    }
    guard let opening = work.opening, await lanes.standing[subject] == nil else { return nil }
    let reply =
      switch opening {
      case .release: await desk.release(work.queued, of: subject, at: MachineClock.unstepped)
      case .delete(let deletion): await desk.plan(deletion)
      }
    // What is to go out must not lie there until it is too old.
    guard reply.isDone else {
      throw ActionError(
        place: "queued mail of \(subject)", problem: "still on hold: \(reply.text)",
        remedy: "it is tried again; 'sperrwerk queue' does it by hand")
    }
    return reply.text
  }

  private func actInTurn(_ order: Order) async throws(ActionError) -> String {
    await turnstile.enter()
    let result: Result<String, ActionError>
    do throws(ActionError) {
      result = .success(try await actuator.carryOut(order, lanes.standing))
    } catch { result = .failure(error) }
    await turnstile.leave()
    return try result.get()
  }

  private func lookAgain() async {
    await turnstile.enter()
    var wrong: [String]
    let standing = await lanes.standing
    do { wrong = try await actuator.lookAgain(standing) } catch {
      wrong = ["what is stopped may not be: \(error)"]
    }
    await turnstile.leave()
    if let probe { wrong += await probe.faults(of: standing) }
    for text in wrong { alert(text) }
  }
}
