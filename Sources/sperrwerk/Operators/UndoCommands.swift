import ArgumentParser
import Events

/// Opens sending again: of one, or of everybody whom a policy has stopped since a time.
struct UndoOptions: ParsableArguments {
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String?
  @Option(help: ArgumentHelp("All mailboxes of a customer; first only shown.", valueName: "name"))
  var customer: String?
  @Flag(help: "Everybody whom the policy has stopped since then; first only shown.") var all = false
  @Option(help: "With --all: the policy.") var policy: String?
  @Option(
    help: ArgumentHelp("With --all: since when, as RFC 3339.", valueName: "time"),
    transform: TimeArgument.instant)
  var since: Instant?
  @Flag(help: "With --all or --customer: do it.") var yes = false
  @Option(help: "Why; it stands in the ledger.") var reason: String

  func validate() throws {
    if [subject != nil, customer != nil, all].count(where: { $0 }) != 1 {
      throw ValidationError(
        "name one login, or say --customer NAME, or --all --policy NAME --since TIME")
    }
    if all, policy == nil || since == nil {
      throw ValidationError("say which: --policy NAME --since 2026-11-24T03:00:00Z")
    }
  }

  func send(one: OperatorRequest.Command, all many: OperatorRequest.Command) throws {
    var request = OperatorRequest(all ? many : one, subject: subject, reason: reason)
    (request.customer, request.isMeant) = (customer, yes)
    if all { (request.policy, request.since) = (policy, since) }
    try options.send(request)
  }
}

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Open an account's or a website's sending again.",
    discussion: "With --all it undoes what a policy did since a time; first it shows whom.")
  @OptionGroup var undo: UndoOptions
  func run() throws { try undo.send(one: .restore, all: .restoreAll) }
}

struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Open the sending of those on hold, and of nobody else.",
    discussion: "With --all it undoes what a policy did since a time; first it shows whom.")
  @OptionGroup var undo: UndoOptions
  func run() throws { try undo.send(one: .release, all: .releaseAll) }
}
