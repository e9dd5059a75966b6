/// What the running service answers to an `OperatorRequest`.
public struct OperatorReply: Codable, Equatable, Sendable {
  /// False where nothing was done; then `text` says why, and what to do.
  public var isDone: Bool
  /// For people: a message, or lines to print.
  public var text: String
  /// The same as data, where there is more to say than the message.
  public var data: OperatorData?

  public init(isDone: Bool, text: String, data: OperatorData? = nil) {
    (self.isDone, self.text, self.data) = (isDone, text, data)
  }
}

/// What an answer has as data; each command gives one kind.
public enum OperatorData: Codable, Equatable, Sendable {
  case status(StatusReport)
  case cases([CaseSummary])
  case `case`(CaseDetail)
  case queue(QueueListing)
  case lists(ListReport)
  case explanation(Explanation)
  case undo(UndoReport)
  case order(OrderReport)
  case reload(ReloadReport)
  case incident(IncidentReport)
  case day(DayReport)
}

/// An order that the engine has taken: `suspend`, `hold`, `restore`, `dismiss` and the like.
public struct OrderReport: Codable, Equatable, Sendable {
  public var command: OperatorRequest.Command
  public var subject: String?
  public var caseNumber: Int?
  /// What whoever gave it may not have known of its subject.
  public var remarks: [String]

  public init(
    command: OperatorRequest.Command, subject: String?, caseNumber: Int?, remarks: [String] = []
  ) {
    (self.command, self.subject, self.caseNumber) = (command, subject, caseNumber)
    self.remarks = remarks
  }
}

/// A mass undo: what it would do, or has ordered.
public struct UndoReport: Codable, Equatable, Sendable {
  public var subjects: [CaseSummary]
  /// It was ordered; else it was only shown.
  public var isOrdered: Bool

  public init(subjects: [CaseSummary], isOrdered: Bool) {
    (self.subjects, self.isOrdered) = (subjects, isOrdered)
  }
}

/// What a reload has changed.
public struct ReloadReport: Codable, Equatable, Sendable {
  public var policies: Int
  /// Settings that have another value now.
  public var changed: [String]
  /// Settings that will have another value after a restart.
  public var afterRestart: [String]

  public init(policies: Int, changed: [String], afterRestart: [String]) {
    (self.policies, self.changed, self.afterRestart) = (policies, changed, afterRestart)
  }
}
