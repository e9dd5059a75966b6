import ArgumentParser
import Events

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how the running service is.")
  @OptionGroup var options: OperatorOptions
  func run() throws { try options.send(OperatorRequest(.status)) }
}

struct CasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases", abstract: "Show the open cases.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A case's number: shows that one.") var number: Int?
  @Flag(help: "Also those that are over and still kept.") var all = false
  func run() throws {
    var request = OperatorRequest(number == nil ? .cases : .case, number: number)
    request.withClosed = all
    try options.send(request)
  }
}

struct CaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "case",
    abstract: "Show a case: its steps, the numbers and log lines behind them, who still tries.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "The case's number.") var number: Int
  func run() throws { try options.send(OperatorRequest(.case, number: number)) }
}
