import Events

extension OperatorText {
  static func write(_ explanation: Explanation, _ output: inout Output) {
    let state =
      explanation.openCase.map { "case \($0) is open" } ?? "nothing is decided about it"
    output.line(Style.bold("\(Style.clipped(explanation.subject, 60)): \(state)"))
    output.line("\(NumberText.grouped(explanation.mailsToday)) mails within the last day")
    if let protection = explanation.protection {
      output.line(wrapped("protected, never stopped by itself: \(protection)", indent: 2, first: 0))
    }
    for entry in explanation.lists where entry.isInForce {
      output.line(
        wrapped("\(entry.kind.rawValue) by the lists: \(entry.reason)", indent: 2, first: 0))
    }
    output.line("How near each policy is (a gate must reach its number before it is asked):")
    for policy in explanation.policies { write(policy, &output) }
    guard !explanation.steps.isEmpty else { return }
    output.line("Decided lately:")
    for step in explanation.steps {
      output.line(
        "  \(step.time.rfc3339(digits: 0)) \(step.action.rawValue) \(step.policy ?? step.actor ?? "")"
      )
      output.line(wrapped(Style.clipped(step.reason, 200), indent: 4))
    }
  }

  private static func write(_ policy: Explanation.Policy, _ output: inout Output) {
    let gates = policy.gates.map { gate in
      let value = gate.value.map(number) ?? "nothing yet"
      let text = "\(gate.window) \(value) of \(number(gate.needed))"
      return gate.isPassed ? Style.bold("\(text), passed") : text
    }
    let name = Style.padded("\(policy.name)\(policy.isShadow ? " (shadow)" : "")", 20)
    output.line(
      "  \(name) \(Style.padded(policy.event, 10)) "
        + (gates.isEmpty ? "asked each time" : gates.joined(separator: "; ")))
    let readings = policy.readings.filter { reading in
      reading.value != "0" && !policy.gates.contains { $0.window == reading.name }
    }
    guard !readings.isEmpty else { return }
    let text = readings.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    output.line(Style.dim(wrapped(text, indent: 4)))
  }

  private static func number(_ value: Double) -> String {
    value.rounded() == value && abs(value) < 1e15
      ? "\(Int64(value))" : "\((value * 100).rounded() / 100)"
  }
}
