import Engine
import Events

/// What an admin wants to know of a replay.
struct Summary {
  private let replay: Replay

  init(_ replay: Replay) { self.replay = replay }

  func write(to output: inout Output) {
    for transition in replay.engine.transitions {
      output.line(
        "\(transition.time.rfc3339(digits: 0)) \(transition.action.rawValue) \(transition.subject ?? "-") \(transition.policy ?? "-"): \(transition.reason)"
      )
    }
  }

  func writeJSON(to output: inout Output) {}
}
