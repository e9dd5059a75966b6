import ArgumentParser
import Events
import Foundation

struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Stop all automatic actions, or let them go on.")
  @OptionGroup var options: OperatorOptions
  @Flag(help: "Let them go on.") var resume = false
  @Option(help: "Why; it stands in the ledger.") var reason: String
  func run() throws {
    try options.send(OperatorRequest(resume ? .resume : .pause, reason: reason))
  }
}

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Let the running service take its policies and settings anew.",
    discussion: "A set with a fault changes nothing, and the answer says what is wrong.")
  @OptionGroup var options: OperatorOptions
  func run() throws { try options.send(OperatorRequest(.reload)) }
}

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the ledger to a new file while the service runs.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "The file to write; the service writes it.") var file: String
  func run() throws {
    var request = OperatorRequest(.backup)
    request.file =
      file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
    try options.send(request)
  }
}

struct PollCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "poll",
    abstract: "Let the running service look now at the queue, the passwords and the directory.")
  @OptionGroup var options: OperatorOptions
  func run() throws { try options.send(OperatorRequest(.poll)) }
}

struct QueueCommand: ParsableCommand {
  enum Action: String, ExpressibleByArgument, CaseIterable {
    case list, release, delete, keep

    var command: OperatorRequest.Command {
      switch self {
      case .list: .queueList
      case .release: .queueRelease
      case .delete: .queueDelete
      case .keep: .queueKeep
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Show, release or delete what an account or website has in the mail queue.",
    discussion: "What is deleted stays on hold for a while first; 'keep' undoes it.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "list, release, delete or keep.") var action: Action
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "Why; it stands in the ledger (not for list).") var reason: String?
  func validate() throws {
    if action != .list, reason == nil {
      throw ValidationError(
        "queue \(action.rawValue) needs --reason \"…\"; it stands in the ledger")
    }
  }

  func run() throws {
    try options.send(OperatorRequest(action.command, subject: subject, reason: reason))
  }
}
