import ArgumentParser
import Engine
import Events
import Policy

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what decided a case, or why a login or website was not stopped.",
    discussion: """
      With logs it replays them, and takes the same options as replay; without, the running service tells how it \
      sees the login now.
      """)

  @OptionGroup var options: ReplayOptions
  @OptionGroup var live: OperatorOptions
  @Option(name: .customLong("case"), help: ArgumentHelp("The case's number.", valueName: "number"))
  var caseNumber: Int?
  @Option(help: ArgumentHelp("A login, or a website as uid:5012.", valueName: "login"))
  var subject: String?

  func validate() throws {
    if (caseNumber == nil) == (subject == nil) {
      throw ValidationError("name either --case NUMBER or --subject LOGIN")
    }
  }

  func run() throws {
    if options.logs.isEmpty {
      return try live.send(
        subject.map { OperatorRequest(.explain, subject: $0) }
          ?? OperatorRequest(.case, number: caseNumber))
    }
    let replay = try Replay(options, focus: subject)
    replay.run()
    var output = Output()
    if let caseNumber { try explain(caseNumber, replay, &output) }
    if let subject { try explain(subject, replay, &output) }
    output.flush()
  }

  private func explain(_ number: Int, _ replay: Replay, _ output: inout Output) throws {
    let cases = replay.engine.cases.cases
    guard number >= 1, number <= cases.count else {
      Output.complain(
        cases.isEmpty
          ? "there is no case in these logs"
          : "there is no case \(number); there are 1 to \(cases.count)")
      throw ExitCode.failure
    }
    let one = cases[number - 1]
    output.line(Style.bold("Case \(number): \(one.subjectName), \(one.state.rawValue)"))
    for step in one.transitions {
      output.line(
        "\(step.time.rfc3339()) \(step.action.rawValue)\(step.policy.map { " by \($0)" } ?? "")")
      output.line("  \(step.reason)")
      if !step.readings.isEmpty {
        output.line(
          "  numbers:  " + step.readings.map { "\($0.name) = \($0.value)" }.joined(separator: ", "))
      }
      if let policy = replay.policies.policies.first(where: { $0.name == step.policy }),
        !step.readings.isEmpty
      {
        output.line(
          "  settings: " + policy.settings.map { "\($0.name) = \($0.text)" }.joined(separator: ", ")
        )
      }
      for evidence in step.evidence {
        output.line("  \(evidence.file):\(evidence.line): \(Style.clipped(evidence.text, 400))")
      }
    }
    output.line(
      "\(one.mailsBefore) mails got out in the 24 h before; \(one.since.messages) would have been refused"
    )
  }

  private func explain(_ subject: String, _ replay: Replay, _ output: inout Output) throws {
    guard replay.engine.knowsFocus else {
      Output.complain(
        "\(subject): no login or website of this name sends in these logs; write a website as uid:5012"
      )
      throw ExitCode.failure
    }
    let name = Engine.canonical(subject)
    let steps = replay.engine.transitions.filter { $0.subject == name }
    output.line(
      Style.bold(
        "\(subject): \(steps.isEmpty ? "nothing was decided" : "\(steps.count) decisions")"))
    for step in steps {
      output.line(
        "  \(step.time.rfc3339(digits: 0)) \(step.action.rawValue) \(step.policy ?? ""): \(step.reason)"
      )
    }
    output.line("How near each policy came (the gate that was nearest to opening):")
    for policy in replay.policies.policies {
      guard let near = replay.engine.nearness[policy.name] else {
        output.line(
          "  \(Style.padded(policy.name, 20)) was never asked: nothing that it looks at happened"
        )
        continue
      }
      let value = "\((near.value * 100).rounded() / 100)"
      output.line(
        "  \(Style.padded(policy.name, 20)) \(near.window) \(value) of \(near.needed) at \(near.time.rfc3339(digits: 0))"
      )
    }
  }
}
