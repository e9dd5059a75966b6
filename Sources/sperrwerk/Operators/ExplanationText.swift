import Events

extension OperatorText {
  static func write(_ explanation: Explanation, _ output: inout Output) {
    let state =
      explanation.openCase.map { "case \($0) is open" } ?? "nothing is decided about it"
    output.line(Style.bold("\(Style.clipped(explanation.subject, 60)): \(state)"))
    output.line("\(NumberText.counted(explanation.mailsToday, "mail")) within the last day")
    if let protection = explanation.protection {
      output.line(wrapped("protected, never stopped by itself: \(protection)", indent: 2, first: 0))
    }
    for entry in explanation.lists where entry.isInForce {
      output.line(
        wrapped("\(entry.kind.rawValue) by the lists: \(entry.reason)", indent: 2, first: 0))
    }
    if let time = explanation.decidesFrom {
      output.line(
        wrapped(
          "what is older than \(time.rfc3339(digits: 0)) taught habits and decides nothing",
          indent: 2, first: 0))
    }
    let isReplay = explanation.policies.contains { $0.looked > 0 }
    output.line(
      isReplay
        ? "How near each policy came (all of its gates must be passed before it is asked):"
        : "How near each policy is (all of its gates must be passed before it is asked):")
    for policy in explanation.policies { write(policy, isReplay: isReplay, &output) }
    guard !explanation.steps.isEmpty else { return }
    output.line("Decided lately:")
    for step in explanation.steps {
      output.line(
        "  \(step.time.rfc3339(digits: 0)) \(step.action.rawValue) \(step.policy ?? step.actor ?? "")"
      )
      output.line(wrapped(Style.clipped(step.reason, 200), indent: 4))
    }
  }

  private static func write(
    _ policy: Explanation.Policy, isReplay: Bool, _ output: inout Output
  ) {
    let name = "  \(Style.padded(policy.name + (policy.isShadow ? " (shadow)" : ""), 20)) "
    let text = wrapped(state(policy, isReplay: isReplay), indent: name.count)
    output.line(name + text.dropFirst(name.count))
    let readings = policy.readings.filter { reading in
      reading.value != "0" && !policy.gates.contains { $0.window == reading.name }
    }
    guard !readings.isEmpty else { return }
    let numbers = readings.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    output.line(Style.dim(wrapped(numbers, indent: 4)))
  }

  /// Whether its gates are open, or which is shut.
  private static func state(_ policy: Explanation.Policy, isReplay: Bool) -> String {
    if isReplay && policy.looked == 0 { return "nothing met its condition (where)" }
    if policy.asked > 0 {
      let passed = NumberText.counted(policy.asked, "time")
      let words = [
        "all gates passed \(passed)",
        policy.allowed > 0 ? "allowed by the lists \(policy.allowed)" : nil,
        policy.rested > 0 ? "at rest after a decision \(policy.rested)" : nil,
        "decided \(policy.decided)",
      ]
      return "\(policy.event): " + words.compactMap { $0 }.joined(separator: ", ")
    }
    if policy.gates.isEmpty { return "\(policy.event): asked each time" }
    func text(_ gates: [Explanation.Gate]) -> String {
      gates.map { gate in
        "\(gate.window) \(gate.value.map(number) ?? "nothing yet") of \(number(gate.needed))"
      }.joined(separator: ", ")
    }
    let (open, shut) = (policy.gates.filter(\.isPassed), policy.gates.filter { !$0.isPassed })
    let words = [
      shut.isEmpty ? "all gates passed: \(text(open))" : "shut by \(text(shut))",
      shut.isEmpty || open.isEmpty ? nil : "passed \(text(open))",
      policy.time.map { "nearest at \($0.rfc3339(digits: 0))" },
    ]
    return "\(policy.event): " + words.compactMap { $0 }.joined(separator: "; ")
  }

  private static func number(_ value: Double) -> String {
    value.rounded() == value && abs(value) < 1e15
      ? "\(Int64(value))" : "\((value * 100).rounded() / 100)"
  }
}
