import ArgumentParser
import Foundation
import Glibc

/// What every command to the running service has.
struct OperatorOptions: ParsableArguments {
  @OptionGroup var place: SettingsPlace
  @Option(
    help: ArgumentHelp("The service's socket (default: as in the settings).", valueName: "file"))
  var socket: String?
  @Option(help: "How to print the answer: text or json.") var format = OutputFormat.text

  func send(_ request: OperatorRequest) throws {
    let path = try socket ?? place.load()["operators.socket"]
    guard let line = OperatorSocket.ask(path, OperatorDesk.encode(request)),
      let reply = try? JSONDecoder().decode(OperatorReply.self, from: Data(line.utf8))
    else {
      Output.complain(
        "\(path): no answer; is 'sperrwerk run' running, and may you open its socket?")
      throw ExitCode(69)
    }
    var output = Output()
    output.line(format == .json ? line : reply.text)
    if reply.isDone {
      output.flush()
    } else {
      if format == .json { output.flush() } else { Output.complain(reply.text) }
      throw ExitCode.failure
    }
  }
}

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how the running service is.")
  @OptionGroup var options: OperatorOptions
  func run() throws { try options.send(OperatorRequest(command: "status")) }
}

struct CasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases", abstract: "Show the open cases, or one with its steps and evidence.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A case's number.") var number: Int?
  func run() throws {
    try options.send(
      OperatorRequest(command: number == nil ? "cases" : "case", number: number))
  }
}

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Let the running service take its policies anew.")
  @OptionGroup var options: OperatorOptions
  func run() throws { try options.send(OperatorRequest(command: "reload")) }
}

/// A command about one account or website, with its reason.
protocol SubjectCommand: ParsableCommand {
  static var word: String { get }
  var options: OperatorOptions { get }
  var subject: String { get }
  var reason: String { get }
}

extension SubjectCommand {
  func run() throws {
    try options.send(OperatorRequest(command: Self.word, subject: subject, reason: reason))
  }
}

struct SuspendCommand: SubjectCommand {
  static let word = "suspend"
  static let configuration = CommandConfiguration(
    commandName: word, abstract: "Stop an account's or a website's sending.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "Why; it stands in the ledger.") var reason: String
}

struct HoldCommand: SubjectCommand {
  static let word = "hold"
  static let configuration = CommandConfiguration(
    commandName: word, abstract: "Keep an account's mail back: accepted, and not sent.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login.") var subject: String
  @Option(help: "Why; it stands in the ledger.") var reason: String
}

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Open an account's or a website's sending again.",
    discussion: "With --all it undoes what a policy did since a time; first it shows whom.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String?
  @Flag(help: "Everybody whom the policy has stopped since then.") var all = false
  @Flag(help: "With --all: only those on hold.") var held = false
  @Option(help: "With --all: the policy.") var policy: String?
  @Option(help: "With --all: since when, such as 2026-11-24T03:00:00Z.") var since: String?
  @Flag(help: "With --all: do it.") var yes = false
  @Option(help: "Why; it stands in the ledger.") var reason: String

  func validate() throws {
    if all == (subject != nil) {
      throw ValidationError("name one login, or say --all --policy NAME --since TIME")
    }
  }

  func run() throws {
    var request = OperatorRequest(command: "restore", subject: subject, reason: reason)
    if all {
      request.command = held ? "release-all" : "restore-all"
      (request.policy, request.since, request.isMeant) = (policy, since, yes)
    }
    try options.send(request)
  }
}

struct DismissCommand: SubjectCommand {
  static let word = "dismiss"
  static let configuration = CommandConfiguration(
    commandName: word, abstract: "End a case as a false alarm; sending is open again.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "Why; it stands in the ledger.") var reason: String
}

struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Stop all automatic actions, or let them go on.")
  @OptionGroup var options: OperatorOptions
  @Flag(help: "Let them go on.") var resume = false
  @Option(help: "Why; it stands in the ledger.") var reason: String
  func run() throws {
    try options.send(OperatorRequest(command: resume ? "resume" : "pause", reason: reason))
  }
}

struct QueueCommand: ParsableCommand {
  enum Action: String, ExpressibleByArgument, CaseIterable { case list, release, delete, keep }

  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Show, release or delete what an account or website has in the mail queue.",
    discussion: "What is deleted stays on hold for a while first; 'keep' undoes it.")
  @OptionGroup var options: OperatorOptions
  @Argument(help: "list, release, delete or keep.") var action: Action
  @Argument(help: "A login, or a website as uid:5012.") var subject: String
  @Option(help: "Why; it stands in the ledger.") var reason: String?
  func run() throws {
    try options.send(
      OperatorRequest(command: "queue-\(action)", subject: subject, reason: reason))
  }
}

enum OperatorSocket {
  /// One line to a unix socket, and the line that comes back; nil where there is none.
  static func ask(_ path: String, _ line: String) -> String? {
    guard let descriptor = open(path) else { return nil }
    defer { close(descriptor) }
    Output.write(Array((line + "\n").utf8), to: descriptor)
    var answer: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while answer.last != 10 {
      let count = unsafe read(descriptor, &block, block.count)
      if count <= 0 { return nil }
      answer.append(contentsOf: block[..<count])
    }
    return String(decoding: answer.dropLast(), as: UTF8.self)
  }

  /// A connection; nil where nobody listens.
  static func open(_ path: String) -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      close(descriptor)
      return nil
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let isOpen = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    if isOpen { return descriptor }
    close(descriptor)
    return nil
  }
}
