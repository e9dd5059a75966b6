/// A source that is still written to: its end is only where it ends now, and after a restart it goes on
/// exactly after the line at which its cursor stood.
package protocol LiveSource: EventSource {
  /// As the settings name it.
  var path: String { get }
  /// After the line that `event` stands in, and after what tells nothing behind the one before it. Nil before
  /// the first line.
  var cursor: SourceCursor? { get }
  /// Becomes readable when there may be more; nil where only the folder of `path` tells.
  var descriptor: Int32? { get }
  /// What is to be told to the operator, once each.
  func takeNotes() -> [SourceNote]
}

/// Where a live source stands, as a snapshot keeps it.
package enum SourceCursor: Codable, Equatable, Sendable {
  case file(FileCursor)
  case journal(JournalCursor)
}

/// What a source has to tell its operator.
package struct SourceNote: Equatable, Sendable, CustomStringConvertible {
  package let description: String
  /// Lines are missing, or will be.
  package let isAlert: Bool

  package init(_ description: String, isAlert: Bool = false) {
    (self.description, self.isAlert) = (description, isAlert)
  }
}

/// What the lines of a log are.
package enum LogForm: Sendable {
  case mail
  /// Password changes, by a pattern or in one of the known forms.
  case passwordChanges(AccountPattern?)

  var accounts: AccountLine? {
    if case .passwordChanges(let pattern) = self { return AccountLine(pattern: pattern) }
    return nil
  }
}
