import ArgumentParser
import Glibc

@main struct Sperrwerk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sperrwerk",
    abstract: "Recognises hijacked mail accounts and websites, and locks only their sending.",
    version: "0.1.0",
    subcommands: [
      ReplayCommand.self, ExplainCommand.self, EventsCommand.self, CheckCommand.self,
      TestCommand.self, PoliciesCommand.self, BenchCommand.self, InitCommand.self,
      TablesCommand.self, DoctorCommand.self, PasswordsCommand.self, AskPolicyServiceCommand.self,
      AskRightsCommand.self, RunCommand.self,
      StatusCommand.self, CasesCommand.self, CaseCommand.self, SuspendCommand.self,
      HoldCommand.self, RestoreCommand.self, ReleaseCommand.self, DismissCommand.self,
      WaiveCommand.self, AllowCommand.self, DisallowCommand.self, ListsCommand.self,
      ForgetCommand.self, PauseCommand.self, ReloadCommand.self, QueueCommand.self,
      BackupCommand.self, PollCommand.self,
      AsRootCommand.self, ServeRootCommand.self, TellEndCommand.self,
    ])

  static func main() async {
    // A reader that goes away is told by EPIPE, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    await main(nil)
  }
}
