import ArgumentParser
import Events

struct ListsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lists", abstract: "Show what is allowed, protected and limited.")
  @OptionGroup var options: OperatorOptions
  @Flag(help: "Print the operators' own entries as a Lua file for policies/lists.")
  var export = false

  func run() throws {
    guard export else { return try options.send(OperatorRequest(.lists)) }
    guard case .lists(let report) = try options.ask(OperatorRequest(.lists)).data else { return }
    var output = Output()
    output.write(OperatorText.lua(report))
    output.flush()
  }
}

struct AllowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allow",
    abstract: "Let an account do what would speak against it: by policy, network or volume.",
    discussion: """
      It ends by itself, and earlier with a login from a network new to the account or a new password. \
      'disallow' takes it back.
      """)
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "The policy that does not count.") var policy: String?
  @Option(
    help: ArgumentHelp("The network that is its own, such as 192.0.2.0/24.", valueName: "net"))
  var network: String?
  @Option(help: ArgumentHelp("Messages an hour that are its own volume.", valueName: "number"))
  var volume: Double?
  @Option(
    name: .customLong("for"), help: ArgumentHelp("How long (default: 30d).", valueName: "duration"),
    transform: TimeArgument.span)
  var duration: TimeSpan?
  @Option(help: "Why; it stands in the ledger.") var reason: String

  func run() throws {
    var request = OperatorRequest(.allow, subject: subject, reason: reason)
    (request.policy, request.network, request.volume) = (policy, network, volume)
    request.duration = duration
    try options.send(request)
  }
}

struct DisallowCommand: SubjectCommand {
  static let command = OperatorRequest.Command.disallow
  static let configuration = CommandConfiguration(
    commandName: "disallow", abstract: "Take back what operators have allowed an account.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "Why; it stands in the ledger.") var reason: String
}
