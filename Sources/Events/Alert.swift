/// A word to the operator that must not wait until somebody reads the log: it also goes out by webhook and mail.
public struct Alert: Equatable, Sendable {
  /// The second ways to the operator, beside the log; each keeps its own account of what it has sent.
  public enum Channel: String, CaseIterable, Sendable { case webhook, mail }

  /// Its number in the ledger; negative while the ledger could not take it.
  public var id: Int64
  public var time: Instant
  /// The step that it tells of, such as `braked`; `service` where it is about the service itself.
  public var kind: String
  public var subject: String?
  public var caseNumber: Int?
  public var text: String
  /// How often it was said within the hour.
  public var count = 1

  public init(
    id: Int64 = 0, time: Instant, kind: String, subject: String? = nil, caseNumber: Int? = nil,
    text: String
  ) {
    (self.id, self.time, self.kind) = (id, time, kind)
    (self.subject, self.caseNumber, self.text) = (subject, caseNumber, text)
  }

  /// The same, said again.
  public func repeats(_ other: Alert) -> Bool {
    kind == other.kind && subject == other.subject && text == other.text
  }
}

extension Transition {
  /// What the operator is told of this step without asking; nil of most.
  public var alert: Alert? {
    switch action {
    case .alert, .braked, .failed, .unverified, .pause, .resume: break
    // What an operator has ordered himself is no news.
    case .suspend where actor == nil: break
    default: return nil
    }
    return Alert(
      time: time, kind: action.rawValue, subject: subject, caseNumber: caseNumber, text: reason)
  }
}
