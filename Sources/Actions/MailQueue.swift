package import Events
import Foundation
import Synchronization

/// What a subject has in the queue: held, released or deleted by queue id, never by sender.
package struct MailQueue: Sendable {
  private let postsuper, postqueue: Program
  private let configuration: [String]
  /// Ids that are given to one call of postsuper at most.
  private static let portion = 20_000

  /// - Parameter privileges: what stands before postsuper, which only root may run.
  package init(
    postsuper: String, postqueue: String, configuration: String?, privileges: [String] = [],
    limit: Duration = .seconds(60)
  ) {
    var programs = (Program(postsuper, through: privileges), Program(postqueue))
    (programs.0.limit, programs.1.limit) = (limit, limit)
    (self.postsuper, self.postqueue) = programs
    self.configuration = PostfixInstance.options(configuration)
  }

  package enum Change: Sendable { case hold, release, requeue, delete }

  /// - Returns: how many messages postsuper says it has changed: ids that are gone are no error.
  package func change(_ change: Change, _ ids: [String]) async throws(ActionError) -> Int {
    // Only ids on hold are let go or deleted, so that what was released meanwhile is left alone.
    let options: [String] =
      switch change {
      case .hold: ["-h", "-"]
      case .release: ["-H", "-"]
      case .requeue: ["-r", "-", "hold"]
      case .delete: ["-d", "-", "hold"]
      }
    var count = 0
    var rest = ids[...]
    while !rest.isEmpty {
      count += try await run(options, rest.prefix(Self.portion))
      rest = rest.dropFirst(Self.portion)
    }
    return count
  }

  /// Has these tried now: what is let go waits for its next turn, which may be an hour away. One that cannot be has
  /// its turn all the same.
  package func tryNow(_ ids: [String]) async {
    for id in ids.prefix(Self.hurried) {
      _ = try? await postqueue.run(configuration + ["-i", id])
    }
  }

  /// Each takes a process.
  private static let hurried = 500

  private func run(_ options: [String], _ ids: ArraySlice<String>) async throws(ActionError) -> Int
  {
    let result = try await postsuper.run(
      configuration + options, input: ids.map { $0 + "\n" }.joined())
    guard result.status == 0 else {
      throw ActionError(
        place: "postsuper", problem: String(result.errors.prefix(200)),
        remedy: "it must run as root: see 'privileges' in the settings")
    }
    return Self.count(result.errors)
  }

  /// `postsuper: Placed on hold: 40 messages`; its exit status is 0 whatever happened.
  static func count(_ text: String) -> Int {
    for line in text.split(separator: "\n").reversed() where line.contains(" message") {
      let words = line.split(separator: " ")
      if let place = words.lastIndex(where: { $0.hasPrefix("message") }), place > 0,
        let count = Int(words[place - 1])
      {
        return count
      }
    }
    return 0
  }

  /// Those of the messages that are in the queue, in the queue's order.
  package func messages(_ ids: [String]) async throws(ActionError) -> [QueuedMail] {
    ids.isEmpty ? [] : try await look(for: ids)
  }

  /// The same, and it looks where nothing is asked for too: an unreadable queue is not an empty one.
  package func look(for ids: [String]) async throws(ActionError) -> [QueuedMail] {
    let wanted = Set(ids.map { Substring($0) })
    let found = Mutex<[QueuedMail]>([])
    let result = try await postqueue.blocks(configuration + ["-j"]) { block in
      for line in block.split(separator: 10) {
        guard let id = QueuedMail.queueID(line), wanted.contains(id),
          let message = try? JSONDecoder().decode(QueuedMail.self, from: Data(line))
        else { continue }
        found.withLock { $0.append(message) }
      }
    }
    guard result.status == 0 else {
      throw ActionError(
        place: "postqueue", problem: "exit status \(result.status) \(result.errors.prefix(200))",
        remedy: "see that Postfix runs and that this user may read its queue")
    }
    return found.withLock { $0 }
  }
}
