package import Events

/// What comes into the engine from elsewhere than a log. Each carries the engine's time, so that the same row of
/// inputs gives the same decisions whenever it is taken.
package enum Input: Codable, Equatable, Sendable {
  /// Time passes.
  case tick(Instant)
  /// Somebody is about to hand over a mail, or a website has.
  case attempt(Engine.Attempt, at: Instant)
  /// Something that the operator must know: what was done does not hold as it should.
  case alert(String, at: Instant)
  /// What became of an order of a case. `order` is its number in the ledger.
  case outcome(
    order: Int64, caseNumber: Int, kind: Order.Kind, isDone: Bool, text: String, at: Instant)
  /// An operator's word about an account or a site. `actor` is `uid 1000`.
  case order(Engine.Order, subject: String, reason: String, actor: String, at: Instant)
  case pause(Bool, reason: String, actor: String, at: Instant)
  /// The customer's word that the passwords of a case's incident are renewed.
  case report(caseNumber: Int, at: Instant)
  /// An operator's entry of the lists; its actor gave it.
  case allow(ListReport.Entry, at: Instant)
  case disallow(subject: String, reason: String, actor: String, at: Instant)
  /// What an operator has done with queued mail: it stands in the case.
  case queue(subject: String, text: String, actor: String, at: Instant)
  /// Nothing of an account is to be kept.
  case forget(subject: String, reason: String, actor: String, at: Instant)
}

extension Engine {
  /// - Returns: why an operator's word cannot be followed; nil where it is.
  @discardableResult
  package mutating func take(_ input: Input) -> String? {
    switch input {
    case .tick(let time): advance(to: time)
    case .attempt(let attempt, let time): take(attempt, at: time)
    case .alert(let text, let time): alert(text, at: time)
    case .outcome(_, let number, let kind, let isDone, let text, let time):
      outcome(isDone, of: number, kind, text, at: time)
    case .order(let order, let subject, let reason, let actor, let time):
      return obey(order, subject, reason: reason, actor: actor, at: time)
    case .pause(let isPaused, let reason, let actor, let time):
      isPaused
        ? pause(reason: reason, actor: actor, at: time)
        : resume(reason: reason, actor: actor, at: time)
    case .report(let number, let time): return reportRenewal(number, at: time)
    case .allow(let entry, let time): return allow(entry, at: time)
    case .disallow(let subject, let reason, let actor, let time):
      return disallow(subject, reason: reason, actor: actor, at: time)
    case .queue(let subject, let text, let actor, let time):
      noteQueue(subject, text, actor: actor, at: time)
    case .forget(let subject, let reason, let actor, let time):
      return forget(subject, reason: reason, actor: actor, at: time)
    }
    return nil
  }
}
