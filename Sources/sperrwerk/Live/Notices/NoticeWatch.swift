import Events
import Store
import Synchronization

/// Follows our own mail through the mail log: that it was taken, and that it was refused.
///
/// Message-IDs are known before they are handed over and cannot be guessed, so that nobody's log line can pass
/// for one of ours.
final class NoticeWatch: Sendable {
  private struct State {
    /// Messages that the log has not named yet.
    var names: Set<String> = []
    /// Their names by queue id.
    var queued: [String: String] = [:]
  }

  enum Seen: Equatable {
    case taken(messageID: String, queueID: String)
    case delivered(messageID: String)
    case refused(messageID: String, reply: String)
  }

  private let state = Mutex(State())

  init(_ underWay: [LedgerStore.Notice]) {
    state.withLock { state in
      for notice in underWay {
        guard let name = notice.messageID else { continue }
        if let id = notice.queueID { state.queued[id] = name } else { state.names.insert(name) }
      }
    }
  }

  /// A message is about to be handed over.
  func expect(_ messageID: String) { state.withLock { _ = $0.names.insert(messageID) } }

  /// What a line tells about our mail; nil of nearly all.
  func see(_ event: borrowing LogEvent, _ line: Span<UInt8>) -> Seen? {
    switch event.kind {
    case .notice:
      guard let name = event.messageID.text(in: line), let id = event.queueID.text(in: line) else {
        return nil
      }
      return state.withLock { state in
        guard state.names.remove(name) != nil else { return nil }
        state.queued[id] = name
        return .taken(messageID: name, queueID: id)
      }
    case .delivery: return delivery(event, line)
    case .removed:
      if hasQueued, let id = event.queueID.text(in: line) {
        state.withLock { $0.queued[id] = nil }
      }
      return nil
    default: return nil
    }
  }

  private var hasQueued: Bool { state.withLock { !$0.queued.isEmpty } }

  private func delivery(_ event: borrowing LogEvent, _ line: Span<UInt8>) -> Seen? {
    guard hasQueued, let id = event.queueID.text(in: line),
      let name = state.withLock({ $0.queued[id] })
    else { return nil }
    switch event.status {
    case .sent: return .delivered(messageID: name)
    case .bounced, .expired, .forceExpired:
      let word = event.status?.word ?? ""
      let reply = event.reply.text(in: line) ?? word
      return .refused(messageID: name, reply: String(reply.prefix(200)))
    default: return nil
    }
  }
}
