import Actions
import Collectors
import Events
import Foundation
import Glibc
import Synchronization
import Testing

@testable import sperrwerk

/// A program that prints a queue, and a loop that takes it in its own time.
private func look(_ script: String) async throws -> (
  outcome: QueuePoll.Outcome, batches: Int, longest: Int
) {
  let program = NSTemporaryDirectory() + "postqueue-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: program) }
  try ("#!/bin/sh\n" + script).write(toFile: program, atomically: true, encoding: .utf8)
  try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
  let mailbox = Mailbox()
  let seen = Mutex<(batches: Int, longest: Int, waiting: Int)>((0, 0, 0))
  let isOver = Atomic<Bool>(false)
  // A thread of its own, as the real loop has: it waits in poll(2).
  LoopThread.start {
    while !isOver.load(ordering: .relaxed) {
      var descriptors = [pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)]
      _ = unsafe poll(&descriptors, 1, 1000)
      let inputs = mailbox.take()
      for case .queue(let batch, let taken) in inputs {
        seen.withLock {
          $0.batches += 1
          $0.longest = max($0.longest, batch.bytes.count)
          $0.waiting = max($0.waiting, inputs.count)
        }
        var reading = QueueReading()
        reading.strange = batch.read { _, _ in reading.messages += 1 }
        taken(reading)
      }
    }
  }
  var postqueue = Program(program)
  postqueue.limit = .seconds(300)
  let queue = QueuePoll(
    postqueue: postqueue, configuration: ["-c", "/etc/postfix"],
    rounds: Rounds(every: TimeSpan(seconds: 60)), mailbox: mailbox)
  let outcome = await queue.look(at: Instant(seconds: 1_790_000_000))
  isOver.store(true, ordering: .relaxed)
  return seen.withLock { seen in
    // Each piece waits for the one before it.
    #expect(seen.waiting <= 1)
    return (outcome, seen.batches, seen.longest)
  }
}

@Suite struct `A look at the queue` {
  static let message = """
    {"queue_name": "deferred", "queue_id": "4F1A", "arrival_time": 1790000000, "message_size": 500, "forced_expire": false, "sender": "a@example.net", "recipients": [{"address": "b@example.org", "delay_reason": "421 4.7.0 temporarily deferred due to user complaints"}]}
    """

  @Test func `hands on 100,000 messages in pieces, and holds one at a time`() async throws {
    let result = try await look("yes '\(Self.message)' | head -n 100000")
    #expect(result.outcome.messages == 100_000)
    #expect(result.outcome.fault == nil)
    #expect(result.batches >= 50 && result.longest < 1 << 20)
  }

  @Test(arguments: [
    (
      "echo 'postqueue: fatal: User x(5) is not allowed to view the mail queue' >&2; exit 69",
      "is not allowed to view the mail queue"
    ),
    ("echo 'Mail queue is empty'", "1 lines are no messages; is it Postfix 3.1 or later?"),
  ])
  func `says what keeps the queue from being read`(script: String, says: String) async throws {
    let result = try await look(script)
    #expect(result.outcome.fault?.contains(says) == true, "\(result.outcome)")
  }

  @Test func `is an empty queue where nothing is printed`() async throws {
    let result = try await look("exit 0")
    #expect(result.outcome == QueuePoll.Outcome())
  }

  @Test func `names a program that is not there`() async throws {
    let poll = QueuePoll(
      postqueue: Program("/nowhere/postqueue"), configuration: [],
      rounds: Rounds(every: TimeSpan(seconds: 60)), mailbox: Mailbox())
    let outcome = await poll.look(at: .distantPast)
    #expect(outcome.fault?.contains("/nowhere/postqueue: cannot be run") == true)
  }
}
