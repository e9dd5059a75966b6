import Actions
import Collectors
import Events
import ServiceLifecycle

/// Looks at the mail queue at an interval and on demand, in a task of its own: what `postqueue -j` prints goes to
/// the loop in pieces, each when the one before it has been taken, so that 100,000 messages are nowhere held at
/// once and the logs do not wait for them.
struct QueuePoll: ServiceLifecycle.Service {
  /// What became of one look.
  struct Outcome: Sendable, Equatable {
    var messages = 0
    /// Nil where all of it was read.
    var fault: String?
  }

  let postqueue: Program
  let configuration: [String]
  let rounds: Rounds
  let mailbox: Mailbox

  func run() async throws {
    await cancelWhenGracefulShutdown {
      // The first piece is taken when the old logs have been read: only then the queue says anything.
      _ = await hand(QueueBatch(time: MachineClock.wall, bytes: []))
      await rounds.run { mailbox.send(.polled(await look(at: MachineClock.wall))) }
    }
  }

  func look(at time: Instant) async -> Outcome {
    let count = Count()
    do {
      let result = try await postqueue.blocks(configuration + ["-j"]) { block in
        await count.add(hand(QueueBatch(time: time, bytes: block)))
      }
      var outcome = await Outcome(messages: count.messages)
      if result.status != 0 {
        outcome.fault =
          "\(postqueue.path): \(result.errors.prefix(200)); see that this user may list the queue"
      } else if await count.strange > 0 {
        outcome.fault =
          "\(postqueue.path) -j: \(await count.strange) lines are no messages; is it Postfix 3.1 or later?"
      }
      return outcome
    } catch {
      return await Outcome(messages: count.messages, fault: "\(error)")
    }
  }

  /// Waits until the loop has taken it.
  private func hand(_ batch: QueueBatch) async -> QueueReading {
    // Not a continuation: where the loop has ended nobody answers, and this service must end too.
    let (readings, answer) = AsyncStream.makeStream(of: QueueReading.self)
    mailbox.send(.queue(batch, taken: { answer.yield($0) }))
    for await reading in readings { return reading }
    return QueueReading()
  }

  private actor Count {
    private(set) var messages = 0
    private(set) var strange = 0
    func add(_ reading: QueueReading) {
      messages += reading.messages
      strange += reading.strange
    }
  }
}

/// What the loop found in a piece of the queue's listing.
struct QueueReading: Sendable {
  var messages = 0
  var strange = 0
}
