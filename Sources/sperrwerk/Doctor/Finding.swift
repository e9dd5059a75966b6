/// One point that `doctor` looked at.
struct Finding: Codable, Equatable, Sendable {
  enum Area: String, Codable, CaseIterable, Sendable {
    case policies, files, logs, ledger, directory, protection, passwords
    case postfix, tables, queue, websites, dovecot, clock, dns, operators, web, alerts
    case policyService = "policy_service"
  }

  enum State: String, Codable, Sendable {
    case well
    /// Something to know, or that could not be seen from here.
    case note
    case fault
  }

  var area: Area
  var state: State
  var what: String
  /// What to do; nil where it is well.
  var remedy: String?
}

/// One area of what the service needs.
protocol Examination: Sendable {
  static var area: Finding.Area { get }
  init(_ settings: LiveSettings)
  func findings() async -> [Finding]
}

extension Examination {
  func finding(_ isWell: Bool, _ what: String, _ remedy: @autoclosure () -> String) -> Finding {
    Finding(
      area: Self.area, state: isWell ? .well : .fault, what: what,
      remedy: isWell ? nil : remedy())
  }

  func note(_ what: String, _ remedy: String? = nil) -> Finding {
    Finding(area: Self.area, state: .note, what: what, remedy: remedy)
  }
}
