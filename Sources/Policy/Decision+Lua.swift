import Events
import Lua

extension Decision {
  private static let fields: [Action: [String]] = [
    .watch: ["reason"], .hold: ["reason"], .alert: ["reason"],
    .suspend: ["reason", "grace", "queue"],
    .evidence: ["reason", "points"],
  ]

  /// - Parameter value: what a handler returned: nothing, or what a constructor made.
  /// - Returns: nil for nothing.
  init?(_ value: Value, file: String, line: Int) throws(PolicyError) {
    if value == .none { return nil }
    guard case .table(let made) = value, let parts = made.sequence, parts.count == 3,
      case .text(let name) = parts[0],
      let action = Action.allCases.first(where: { $0.name == name }),
      case .table(let order) = parts[1], case .integer(let at) = parts[2]
    else {
      throw PolicyError(
        place: "\(file):\(line)", problem: "a handler returned a \(value.typeName)",
        remedy: "return nothing, or a decision such as sperrwerk.suspend { reason = \"…\" }")
    }
    func fault(_ problem: String, _ remedy: String) -> PolicyError {
      PolicyError(place: "\(file):\(at)", problem: problem, remedy: remedy)
    }
    let known = Self.fields[action]!
    for entry in order.entries {
      guard case .text(let field) = entry.key, known.contains(field) else {
        let field = if case .text(let text) = entry.key { text } else { "\(entry.key)" }
        throw fault("\(name) has no field '\(field)'", NearMiss.remedy(field, among: known))
      }
    }
    guard case .text(let reason) = order["reason"], !reason.isEmpty else {
      throw fault(
        "\(name) has no reason", "add reason = \"…\", which the ledger and the notice show")
    }
    self.init(action: action, reason: reason)
    switch order["grace"] {
    case .none: break
    case .text(let text) where TimeSpan(text) != nil: grace = TimeSpan(text)
    default: throw fault("grace is no duration", "write it as \"10m\"")
    }
    switch order["queue"] {
    case .none: break
    case .text(let text) where QueueChoice(rawValue: text) != nil:
      queue = QueueChoice(rawValue: text)
    default:
      let choices = QueueChoice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw fault("queue is none of \(choices)", "write queue = \"delete\", or leave it out")
    }
    if action == .evidence {
      guard let number = order["points"].asNumber, number > 0, number <= 1000 else {
        throw fault("evidence needs points, a number above 0", "add points = 10")
      }
      points = number
    }
  }
}
