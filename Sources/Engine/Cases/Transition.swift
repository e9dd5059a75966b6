package import Events

/// One step of a case, or a word to the operator: what the ledger keeps and a replay prints.
package struct Transition: Equatable, Sendable {
  package enum Action: String, CaseIterable, Sendable {
    case watch, hold, release, suspend, alert, braked, incident
    case reported, verified, unverified, restore, probation, closed, shadow
  }

  /// A log line that stands behind a decision.
  package struct Evidence: Equatable, Sendable {
    package var text: String
    package var file: String
    package var line: Int
  }

  /// A number that a policy saw, by its window's name.
  package struct Reading: Equatable, Sendable {
    package var name: String
    package var value: String
  }

  package var time: Instant
  package var action: Action
  /// The login, or `uid:5012`; nil where the operator alone is told.
  package var subject: String?
  package var policy: String?
  package var reason: String
  package var evidence: [Evidence] = []
  package var caseNumber: Int?
  package var readings: [Reading] = []
}
