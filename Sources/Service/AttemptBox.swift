import Synchronization

/// Somebody who is about to hand over a mail, recipient by recipient, or has handed over all of it.
package struct Attempt: Equatable, Sendable {
  /// The canonical login, or `uid:5012`.
  package var login: String
  package var clientAddress, recipient, queueID: String
  /// The whole message is there, and its queue id is known: told of websites only.
  package var isHandedOver = false
}

/// Attempts on their way to the loop. When it falls behind they are dropped and counted: a request waits for nothing.
package final class AttemptBox: Sendable {
  private struct Content {
    var waiting: [Attempt] = []
    /// Postfix asks several times for one recipient of one mail; a ring of what was seen last.
    var seen: Set<Int> = []
    var order: [Int] = []
    var next = 0
  }

  private static let room = 10_000
  private let content = Mutex(Content())
  private let lost = Atomic<Int>(0)
  private let wake: @Sendable () -> Void

  /// - Parameter wake: called when the box has something after it was empty.
  package init(wake: @escaping @Sendable () -> Void = {}) { self.wake = wake }

  package var dropped: Int { lost.load(ordering: .relaxed) }

  func put(_ attempt: Attempt, instance: String) {
    var hasher = Hasher()
    hasher.combine(instance)
    hasher.combine(attempt.isHandedOver ? "\n\(attempt.queueID)" : attempt.recipient)
    let mark = hasher.finalize()
    let isFirst = content.withLock { content in
      guard content.seen.insert(mark).inserted else { return false }
      if content.order.count < 4096 {
        content.order.append(mark)
      } else {
        content.seen.remove(content.order[content.next])
        content.order[content.next] = mark
        content.next = (content.next + 1) % 4096
      }
      guard content.waiting.count < Self.room else {
        lost.add(1, ordering: .relaxed)
        return false
      }
      content.waiting.append(attempt)
      return content.waiting.count == 1
    }
    if isFirst { wake() }
  }

  /// Takes all that wait.
  package func take() -> [Attempt] {
    content.withLock { content in
      defer { content.waiting.removeAll(keepingCapacity: true) }
      return content.waiting
    }
  }
}
