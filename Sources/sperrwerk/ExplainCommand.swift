import ArgumentParser
import Engine
import Events

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
    let answer = try answer(replay)
    switch live.format {
    case .text: OperatorText.write(answer, to: &output)
    case .json: output.line(OperatorOptions.json(answer))
    }
    output.flush()
    if replay.failed { throw ExitCode.failure }
  }

  /// As the running service answers, from a replay.
  private func answer(_ replay: Replay) throws -> OperatorReply {
    if let caseNumber {
      let cases = replay.engine.cases.cases
      guard replay.engine.hasCase(caseNumber) else {
        Output.complain(
          cases.isEmpty
            ? "there is no case in these logs"
            : "there is no case \(caseNumber); there are 1 to \(cases.count)")
        throw ExitCode.failure
      }
      let steps = replay.engine.cases[caseNumber].transitions
      return OperatorReply(
        isDone: true, text: "", data: .case(replay.engine.detail(caseNumber, steps: steps)))
    }
    guard replay.engine.knowsFocus,
      var explanation = replay.engine.explanation(of: subject ?? "")
    else {
      Output.complain(
        "\(subject ?? ""): no login or website of this name sends in these logs; write a website as uid:5012"
      )
      throw ExitCode.failure
    }
    // Also alerts, and what was decided in the shadow: they belong to no case.
    explanation.steps = replay.engine.transitions.filter { $0.subject == explanation.subject }
      .map(CaseDetail.Step.init)
    return OperatorReply(isDone: true, text: "", data: .explanation(explanation))
  }
}
