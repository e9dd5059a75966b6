import ArgumentParser
import Events

/// A command about one account or website, with its reason.
protocol SubjectCommand: ParsableCommand {
  static var command: OperatorRequest.Command { get }
  var options: OperatorOptions { get }
  var subject: String { get }
  var reason: String { get }
}

extension SubjectCommand {
  func run() throws {
    try options.send(OperatorRequest(Self.command, subject: subject, reason: reason))
  }
}

/// Whom a command concerns: one account or website, or all mailboxes of a customer.
struct Whom: ParsableArguments {
  @Argument(help: "A login, or a website as uid:5012.") var subject: String?
  @Option(help: ArgumentHelp("All mailboxes of a customer; first only shown.", valueName: "name"))
  var customer: String?
  @Flag(help: "With --customer: do it.") var yes = false

  func validate() throws {
    if (subject == nil) == (customer == nil) {
      throw ValidationError("name one login, or say --customer NAME")
    }
  }

  func request(_ command: OperatorRequest.Command, reason: String) -> OperatorRequest {
    var request = OperatorRequest(command, subject: subject, reason: reason)
    (request.customer, request.isMeant) = (customer, yes)
    return request
  }
}

struct SuspendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspend", abstract: "Stop an account's, a website's or a customer's sending.")
  @OptionGroup var options: OperatorOptions
  @OptionGroup var whom: Whom
  @Option(help: "Why; it stands in the ledger.") var reason: String
  func run() throws { try options.send(whom.request(.suspend, reason: reason)) }
}

struct HoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold",
    abstract: "Keep an account's, a website's or a customer's mail back: accepted, and not sent.")
  @OptionGroup var options: OperatorOptions
  @OptionGroup var whom: Whom
  @Option(help: "Why; it stands in the ledger.") var reason: String
  func run() throws { try options.send(whom.request(.hold, reason: reason)) }
}

struct DismissCommand: SubjectCommand {
  static let command = OperatorRequest.Command.dismiss
  static let configuration = CommandConfiguration(
    commandName: "dismiss", abstract: "End a case as a false alarm; sending is open again.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "Why; it stands in the ledger.") var reason: String
}

struct WaiveCommand: SubjectCommand {
  static let command = OperatorRequest.Command.waive
  static let configuration = CommandConfiguration(
    commandName: "waive",
    abstract: "Say that a mailbox of an incident needs no renewal: the others' is enough.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login of the incident.") var subject: String
  @Option(help: "Why; it stands in the ledger.") var reason: String
}

struct ForgetCommand: SubjectCommand {
  static let command = OperatorRequest.Command.forget
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Delete what is known of an account whose cases are over.",
    discussion: "It says what is left in logs and backups, which are not this service's.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "Why; it stands in the ledger, without the account's name.") var reason: String
}
