import Actions
import Engine
import Events
import Store

/// Operators' commands about what a subject has in the queue.
extension EngineLoop {
  /// - Returns: false where the command is another.
  func answerQueue(
    _ request: OperatorRequest, actor: String, reply: @escaping @Sendable (OperatorReply) -> Void
  ) -> Bool {
    guard let word = request.command.queueWord, let subject = request.subject else { return false }
    if request.command.needsReason, reason(request) == nil {
      reply(Self.noReason)
      return true
    }
    let ids = engine.queuedIDs(of: subject)
    let planned = (try? store.deletions())?.first { $0.subject == subject }
    if request.command == .queueList {
      let queue = parts.mailQueue
      Task { reply(await queue.list(ids, of: subject, planned)) }
      return true
    }
    guard let desk else {
      reply(OperatorReply(isDone: false, text: "a dry run touches no queue"))
      return true
    }
    let now = MachineClock.unstepped
    if let reason = reason(request) {
      feed(.queue(subject: subject, text: "\(word): \(reason)", actor: actor, at: clock.now))
    }
    switch request.command {
    case .queueRelease:
      _ = try? store.cancelDeletion(of: subject)
      Task { reply(await desk.release(ids, of: subject, at: now)) }
    case .queueDelete:
      guard let reason = reason(request) else { break }
      let deletion = deletion(of: subject, ids, reason, actor: actor)
      Task { reply(await desk.plan(deletion)) }
    case .queueKeep:
      let stopped = (try? store.cancelReleases(of: subject)) ?? 0
      let isDone = (try? store.cancelDeletion(of: subject)) == true || stopped > 0
      reply(
        OperatorReply(
          isDone: isDone,
          text: isDone
            ? "kept, on hold; 'sperrwerk queue release' lets it go"
            : "nothing of \(subject) is to be deleted or released"))
    default: return false
    }
    return true
  }

  func deletion(of subject: String, _ ids: [String], _ reason: String, actor: String)
    -> LedgerStore.Deletion
  {
    // By the later of both clocks: the next run begins its own with that of the wall.
    let now = max(MachineClock.unstepped, MachineClock.wall)
    return LedgerStore.Deletion(
      subject: subject, ids: ids, planned: MachineClock.wall,
      due: now + settings.span("queue.delete_after"), actor: actor, reason: reason)
  }
}
