import Actions
import ArgumentParser
import Events
import Foundation
import Glibc

/// Called by systemd whenever the service has ended (ExecStopPost): by a fault, then the operator is told, since
/// nothing else would. Of a service that fails at each start he is told once an hour.
struct TellEndCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tell-end",
    abstract: "Tell the operator that the service has ended by a fault; systemd calls it.",
    shouldDisplay: false)

  @OptionGroup var place: SettingsPlace

  func run() async throws {
    guard let text = Self.text(ProcessInfo.processInfo.environment) else { return }
    let settings = try? place.load()
    guard try Self.mayTell(settings?["state"]) else { return }
    let (now, host) = (MachineClock.wall, AlertTask.hostName)
    let report = AlertReport(
      alerts: [Alert(time: now, kind: "service", subject: nil, text: text)], dropped: 0, host: host,
      isDryRun: settings?.flag("dry_run") ?? false)
    let webhook = settings.flatMap { AlertService.webhook($0) }
    // Nobody knows the operator where the settings cannot be read.
    let mail =
      if let settings { try AlertService.mail(settings) } else { Self.toPostmaster(host) }
    let channels: [(any AlertChannel)?] = [webhook, mail]
    var didFail = false
    for channel in channels.compactMap({ $0 }) {
      do { try await channel.send(report, at: now) } catch {
        Output.complain("\(error)")
        didFail = true
      }
    }
    await webhook?.close()
    if didFail { throw ExitCode.failure }
  }

  /// - Parameter environment: as systemd.exec(5) says of ExecStopPost.
  /// - Returns: nil where all is well.
  static func text(_ environment: [String: String]) -> String? {
    guard let result = environment["SERVICE_RESULT"], result != "success" else { return nil }
    let how = [environment["EXIT_CODE"], environment["EXIT_STATUS"]].compactMap { $0 }
    return """
      the service has ended by a fault (\(([result] + how).joined(separator: ", "))) and is started again every few \
      seconds. While it is away nobody new is recognised; who is stopped stays stopped. What it said last: \
      journalctl -u sperrwerk -n 50
      """
  }

  /// Once an hour. What remembers it must outlive the restart, and a disk that takes nothing.
  private static func mayTell(_ state: String?) throws -> Bool {
    guard let folder = ProcessInfo.processInfo.environment["RUNTIME_DIRECTORY"] ?? state else {
      return true
    }
    let stamp = folder + "/told-end"
    let now = MachineClock.wall
    // One of the future is of a clock that was set back since.
    if let last = SourceOptions.lastChange(stamp), last <= now,
      now - last < TimeSpan(seconds: 3600)
    {
      return false
    }
    do { try SafeFile.write("", to: stamp, mode: 0o600) } catch {
      // Without it there would be a mail every few seconds.
      Output.complain("\(error)")
      throw ExitCode.failure
    }
    return true
  }

  private static func toPostmaster(_ host: String) -> OperatorMail? {
    MailAddress("postmaster@\(host)").map {
      OperatorMail(
        sendmail: Sendmail(path: "/usr/sbin/sendmail", folder: "/nonexistent"), from: $0, to: $0)
    }
  }
}
