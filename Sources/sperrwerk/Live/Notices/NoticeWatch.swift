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
    /// Others that have one of these names: what a content filter has given back, if the filter's own answer says
    /// so; until then what became of them is only kept.
    var copies: [String: Copy] = [:]
  }

  private struct Copy {
    let name: String
    var outcome: Seen?
  }

  private static let mostCopies = 1000

  enum Seen: Equatable {
    case taken(messageID: String, queueID: String)
    /// A content filter has given it back under another id.
    case passedOn(messageID: String, queueID: String)
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

  /// Whether the log has not named a message yet.
  func awaits(_ messageID: String) -> Bool { state.withLock { $0.names.contains(messageID) } }

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
        guard state.names.remove(name) != nil else {
          Self.note(id, name, &state)
          return nil
        }
        state.queued[id] = name
        return .taken(messageID: name, queueID: id)
      }
    case .delivery: return delivery(event, line)
    case .removed:
      if hasQueued, let id = event.queueID.text(in: line) {
        state.withLock { state in
          guard let name = state.queued.removeValue(forKey: id) else { return }
          if !state.queued.values.contains(name) {
            state.copies = state.copies.filter { $0.value.name != name }
          }
        }
      }
      return nil
    default: return nil
    }
  }

  private var hasQueued: Bool { state.withLock { !$0.queued.isEmpty } }

  private static func note(_ id: String, _ name: String, _ state: inout State) {
    guard state.queued[id] == nil, state.queued.values.contains(name) else { return }
    // Anybody may copy a name that he was sent; what is lost then is only what was logged in an odd order.
    if state.copies.count >= mostCopies { state.copies.removeAll() }
    state.copies[id] = Copy(name: name)
  }

  private func delivery(_ event: borrowing LogEvent, _ line: Span<UInt8>) -> Seen? {
    guard hasQueued, let id = event.queueID.text(in: line) else { return nil }
    let (name, isCopy) = state.withLock { state in
      state.queued[id].map { ($0, false) } ?? (state.copies[id]?.name, true)
    }
    guard let name else { return nil }
    let next = passedOn(event, line)
    let seen = next == nil ? Self.outcome(event, line, name) : nil
    return state.withLock { state in
      if isCopy {
        if let seen { state.copies[id]?.outcome = seen }
        return nil
      }
      return next.map { Self.follow($0, name, &state) } ?? seen
    }
  }

  /// The id under which a program on this machine, such as a content filter, has given the message back.
  private func passedOn(_ event: borrowing LogEvent, _ line: Span<UInt8>) -> String? {
    guard event.status == .sent, let next = event.nextQueueID.text(in: line),
      let relay = event.relay.text(in: line), Self.isLoopback(relay)
    else { return nil }
    return next
  }

  /// `127.0.0.1[127.0.0.1]:10024`, `localhost[::1]:10024`.
  private static func isLoopback(_ relay: String) -> Bool {
    guard let opening = relay.firstIndex(of: "["), let closing = relay.lastIndex(of: "]"),
      opening < closing
    else { return false }
    return NetworkAddress(String(relay[relay.index(after: opening)..<closing]))?.isLoopback == true
  }

  /// From here on the message is the one of that id; the filter's answer may be logged after its end.
  private static func follow(_ next: String, _ name: String, _ state: inout State) -> Seen {
    if let copy = state.copies.removeValue(forKey: next), copy.name == name, let seen = copy.outcome
    {
      return seen
    }
    state.queued[next] = name
    return .passedOn(messageID: name, queueID: next)
  }

  private static func outcome(
    _ event: borrowing LogEvent, _ line: Span<UInt8>, _ name: String
  ) -> Seen? {
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
