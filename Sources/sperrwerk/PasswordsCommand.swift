import Actions
import ArgumentParser
import Collectors
import Events

struct PasswordsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passwords",
    abstract: "Show what each source says of the last password change of an account.",
    discussion: "Time stamps only: no password and no hash is shown. Changes nothing.")

  @OptionGroup var place: SettingsPlace
  @Argument(help: "A login.") var account: String

  func run() async throws {
    let settings = try place.load()
    let now = MachineClock.wall
    var output = Output()
    var failed = false
    var count = 0
    func tell(_ name: String, _ text: String) { output.line("\(name): \(text)") }
    do {
      if let log = settings.path("password_changes") {
        count += 1
        tell(log, try lastLogged(log, settings, now))
      }
      let configured = try PasswordSources(settings)
      for source in configured.sources {
        count += 1
        do throws(ActionError) {
          tell(source.name, try await source.finding(account, at: now))
        } catch {
          tell(source.name, "\(error)")
          failed = true
        }
      }
    } catch {
      Output.complain("\(error)")
      failed = true
    }
    if count == 0, !failed {
      output.line("no source is configured: set password_changes, or one of passwords.*")
    }
    output.flush()
    if failed || count == 0 { throw ExitCode.failure }
  }

  /// The last change in the log and its rotated files.
  private func lastLogged(_ path: String, _ settings: LiveSettings, _ now: Instant) throws -> String
  {
    let pattern = try settings.path("passwords.pattern").map { try AccountPattern($0) }
    let tail = FileTail(
      path: path, since: .distantPast,
      clock: LogClock(zone: SourceOptions.offset(settings["zone"]), reference: now),
      form: .passwordChanges(pattern))
    var last: (time: Instant, line: Int32, file: String)?
    while tail.advance() {
      let isHis = tail.withLine { tail.event.saslLogin.text(in: $0) == account }
      if isHis { last = (tail.event.time, tail.event.line, tail.fileName) }
    }
    if let fault = tail.fault { throw fault }
    guard let last else {
      return "no change of it in \(tail.statistics.events) changes"
    }
    return "changed at \(last.time.rfc3339(digits: 0)) (\(last.file):\(last.line))"
  }
}
