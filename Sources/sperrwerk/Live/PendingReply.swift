import Events

/// An answer that waits until what it tells of is written down.
struct PendingReply {
  /// - Returns: false where it goes on waiting.
  let answer: (_ isWritten: Bool) -> Bool

  /// Operators are not kept waiting for a disk: they are told that it does not hold yet.
  /// - Parameter changes: whether the command was to change anything.
  static func operators(
    _ answer: OperatorReply, changes: Bool, _ reply: @escaping @Sendable (OperatorReply) -> Void
  ) -> PendingReply {
    PendingReply { isWritten in
      let isLost = answer.isDone && changes && !isWritten
      reply(
        isLost
          ? OperatorReply(
            isDone: false,
            text: "noted, but not written down yet, and lost if this service ends now: "
              + "'sperrwerk status' says why")
          : answer)
      return true
    }
  }

  /// Who takes it as kept waits until it is.
  static func keeper(_ taken: @escaping @Sendable () -> Void) -> PendingReply {
    PendingReply { isWritten in
      if isWritten { taken() }
      return isWritten
    }
  }
}
