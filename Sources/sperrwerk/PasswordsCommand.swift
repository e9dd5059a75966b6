import ArgumentParser

struct PasswordsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passwords",
    abstract: "Show what each source says of the last password change of an account.",
    discussion: "Time stamps only: no password and no hash is shown. Changes nothing.")

  @OptionGroup var place: SettingsPlace
  @Argument(help: "A login.") var account: String

  func run() async throws {
    let answers = await PasswordReport(account, try place.load()).answers()
    var output = Output()
    for answer in answers {
      if let source = answer.source {
        output.line("\(source): \(answer.text)")
      } else {
        Output.complain(answer.text)
      }
    }
    if answers.isEmpty {
      output.line("no source is configured: set password_changes, or one of passwords.*")
    }
    output.flush()
    if answers.isEmpty || answers.contains(where: \.isFault) { throw ExitCode.failure }
  }
}
