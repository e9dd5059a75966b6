import ArgumentParser

/// Says what a user may not do with files. Only `doctor` calls it, as a process of its own: giving up root is for
/// ever.
struct AskRightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask-rights", abstract: "Say what a user may not do with files.",
    shouldDisplay: false)

  @Option(name: .customLong("as"), help: "The user.") var user: String
  @Argument(help: "Such as read:/var/log/mail.log.") var wishes: [String] = []

  func run() throws {
    guard let account = LocalUser(user), account.become() else {
      Output.complain("this process cannot become user \(user)")
      throw ExitCode.failure
    }
    var output = Output()
    for word in wishes where FileRights.Wish(word)?.isGranted != true { output.line(word) }
    output.flush()
  }
}
