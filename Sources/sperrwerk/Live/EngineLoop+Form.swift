import Engine
import Events
import Store

/// What the contact form asks, and the counts that the staff's page draws.
extension EngineLoop {
  func answerForm(_ request: OperatorRequest) -> OperatorReply {
    let number = request.number ?? 0
    switch request.command {
    case .incident, .report:
      if let notice = request.notice, isRevoked(notice, of: number) { return Self.noCase(number) }
    default: break
    }
    switch request.command {
    case .incident:
      guard let incident = engine.incident(of: number) else { return Self.noCase(number) }
      return reply(.incident(incident))
    case .report:
      if feed(.report(caseNumber: number, at: clock.now)) != nil { return Self.noCase(number) }
      // Who has just renewed it does not wait for the next round.
      askForPasswords()
      return OperatorReply(isDone: true, text: "noted: the passwords of case \(number) are renewed")
    case .day: return reply(.day(engine.dayReport))
    default: return Self.notTaken(request.command)
    }
  }

  /// Whether whoever broke in may read by now what the notice's recipient reads.
  private func isRevoked(_ notice: Int64, of number: Int) -> Bool {
    guard engine.hasCase(number), let recipient = try? store.recipient(of: notice) else {
      return true
    }
    return engine.isInside(recipient, of: number)
  }

  static func noCase(_ number: Int) -> OperatorReply {
    OperatorReply(
      isDone: false, text: "there is no case \(number); 'sperrwerk cases --all' lists them")
  }
}
