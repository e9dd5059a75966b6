import Actions
import Events
import Store

/// What the actuator is given to do.
enum Work: Sendable {
  /// First of all: what is in force already.
  case begin(Standing)
  case order(OrderWork)
}

/// An order on its way to the actuator, with what is in force then and what the subject has queued.
struct OrderWork: Sendable {
  var order: Order
  var standing: Standing
  var queued: [String]
}

/// Carries out orders one after the other, with retries; what became of them goes back to the loop.
struct ActuatorTask: Sendable {
  let actuator: any Actuator
  let queue: MailQueue?
  let mailbox: Mailbox
  /// Between tries.
  var pauses: [Duration] = [.seconds(1), .seconds(4)]

  func run(_ orders: AsyncStream<Work>) async {
    for await work in orders {
      switch work {
      case .begin(let standing):
        do { try await actuator.begin(standing) } catch { LiveLog.say("ALERT: \(error)") }
      case .order(let work):
        let (isDone, text) = await carryOut(work)
        mailbox.send(.outcome(work.order, isDone: isDone, text: text))
      }
    }
  }

  private func carryOut(_ work: OrderWork) async -> (Bool, String) {
    var problem = ""
    for pause in pauses.map(Optional.some) + [nil] {
      do {
        var text = try await actuator.carryOut(work.order, work.standing)
        if work.order.kind != .open, let queue, !work.queued.isEmpty {
          let count = try await queue.change(.hold, work.queued)
          text += "; \(count) of \(work.queued.count) queued messages held"
        }
        return (true, text)
      } catch {
        problem = "\(error)"
        if let pause { try? await Task.sleep(for: pause) }
      }
    }
    return (false, problem)
  }
}
