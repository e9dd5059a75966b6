import Actions
import Events
import Foundation
import Store

/// What a subject has in the queue: shown, released in small steps, or deleted when its time has come.
struct QueueDesk: Sendable {
  /// As `postqueue -j` gives it, one JSON object a line.
  struct Message: Decodable {
    struct Recipient: Decodable {
      var address: String
      var delayReason: String?
    }
    var queueName: String
    var queueId: String
    var arrivalTime: Int64
    var messageSize: Int
    var sender: String
    var recipients: [Recipient]

    var listed: QueueListing.Message {
      .init(
        id: queueId, queue: queueName, arrivedAt: Instant(seconds: arrivalTime),
        sizeBytes: messageSize, envelopeSender: sender,
        recipients: recipients.map { .init(address: $0.address, reply: $0.delayReason) })
    }
  }

  let queue: MailQueue
  let postqueue: Program
  let configuration: [String]
  /// Messages a minute: a newsletter let go at once is what gets an address listed.
  var perMinute: Int
  /// Postfix keeps no longer what was only put on hold than its queue lifetime, counted from arrival.
  static let fresh = TimeSpan(seconds: 86_400)

  func messages(_ ids: [String]) async throws(ActionError) -> [Message] {
    let wanted = Set(ids)
    let result = try await postqueue.run(configuration + ["-j"])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return result.output.split(separator: "\n")
      .compactMap { try? decoder.decode(Message.self, from: Data($0.utf8)) }
      .filter { wanted.contains($0.queueId) }
  }

  func list(_ ids: [String], of subject: String, _ planned: LedgerStore.Deletion?) async
    -> OperatorReply
  {
    do {
      var listing = QueueListing(
        subject: subject, messages: try await messages(ids).map(\.listed))
      listing.deletion = planned.map {
        .init(messages: $0.ids.count, due: $0.due, actor: $0.actor, reason: $0.reason)
      }
      return OperatorReply(isDone: true, text: "", data: .queue(listing))
    } catch {
      return OperatorReply(isDone: false, text: "\(error)")
    }
  }

  /// Lets go what is on hold: the first at once, the others minute by minute.
  func release(_ ids: [String], at now: Instant) async -> OperatorReply {
    do {
      let held = try await messages(ids).filter { $0.queueName == "hold" }
      var waiting = held[...]
      let count = try await releaseSome(&waiting, now)
      if !waiting.isEmpty {
        let rest = waiting
        Task { await releaseSlowly(rest, now) }
      }
      return OperatorReply(
        isDone: true,
        text: "\(count) messages released"
          + (waiting.isEmpty ? "" : ", \(waiting.count) follow at \(perMinute) a minute"))
    } catch {
      return OperatorReply(isDone: false, text: "\(error)")
    }
  }

  private func releaseSlowly(_ rest: ArraySlice<Message>, _ now: Instant) async {
    var waiting = rest
    while !waiting.isEmpty {
      try? await Task.sleep(for: .seconds(60))
      do { _ = try await releaseSome(&waiting, now) } catch { LiveLog.say("\(error)") }
    }
  }

  private func releaseSome(_ waiting: inout ArraySlice<Message>, _ now: Instant)
    async throws(ActionError) -> Int
  {
    let some = waiting.prefix(perMinute)
    waiting = waiting.dropFirst(perMinute)
    func isFresh(_ message: Message) -> Bool {
      now - Instant(seconds: message.arrivalTime) < Self.fresh
    }
    let released = try await queue.change(.release, some.filter(isFresh).map(\.queueId))
    return try await released
      + queue.change(.requeue, some.filter { !isFresh($0) }.map(\.queueId))
  }
}
