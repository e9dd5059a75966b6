import Actions
import ArgumentParser
import Foundation
import Glibc

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Guard the mail system: follow its logs, hold and suspend, for sending only.",
    discussion: "SIGTERM ends it, SIGHUP takes policies and settings anew.")

  @OptionGroup var place: SettingsPlace
  @Flag(help: "Say what would be done, and touch nothing, whatever the settings say.")
  var dryRun = false
  @Option(
    help: ArgumentHelp(
      "Keep all inputs and decisions in an empty folder, for 'replay --recorded'.",
      valueName: "dir"))
  var record: String?

  func run() async throws {
    // Until it is taken as a wish to reload, it must not end the service.
    signal(SIGHUP, SIG_IGN)
    // What is kept is about customers; what others must read gets its mode by itself.
    umask(0o077)
    var settings = try place.load()
    if dryRun { settings.forceDryRun() }
    let live = try await LiveService(settings, record: record)
    if !settings.flag("dry_run"), await !settings.canHoldSites {
      LiveLog.say("\(WebsiteExamination.cannotHold); 'sperrwerk doctor' says how to change that")
    }
    try await live.run()
  }
}

struct SettingsPlace: ParsableArguments {
  private static let usual = "/etc/sperrwerk/sperrwerk.yaml"

  @Option(help: ArgumentHelp("The settings file.", valueName: "file"))
  var settings = Self.usual

  /// Also where the file was named and is missing: `load` says so.
  var isThere: Bool {
    settings != Self.usual || FileManager.default.fileExists(atPath: settings)
  }

  func load() throws -> LiveSettings {
    guard FileManager.default.fileExists(atPath: settings) else {
      Output.complain(
        "\(settings): no such file or directory; 'sperrwerk init' writes it, or name yours by --settings"
      )
      throw ExitCode(66)
    }
    let text = String(decoding: try Replay.contents(settings), as: UTF8.self)
    do {
      return try LiveSettings(
        text, file: settings, environment: ProcessInfo.processInfo.environment)
    } catch {
      Output.complain("\(error)")
      throw ExitCode(65)
    }
  }
}
