import Actions
import Configuration
import Engine
import Events
import Foundation
import Policy

/// The service's settings: what the environment says, else the file, else the default; every key in
/// `SettingKey.all`.
struct LiveSettings: Sendable {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  let file: String
  private var values: [String: [String]] = [:]

  subscript(name: String) -> String { values[name]?.first ?? "" }
  func list(_ name: String) -> [String] { values[name] ?? [] }
  func networks(_ name: String) -> [AddressRange] { list(name).compactMap { AddressRange($0) } }
  func flag(_ name: String) -> Bool { self[name] == "true" }
  func number(_ name: String) -> Double { Double(self[name]) ?? 0 }
  func span(_ name: String) -> TimeSpan { TimeSpan(self[name]) ?? .zero }
  /// Nil where it is left empty.
  func path(_ name: String) -> String? { self[name].isEmpty ? nil : self[name] }

  /// - Parameters:
  ///   - text: the file's text.
  ///   - environment: `SPERRWERK_BRAKES_LEAST` is `brakes.least`, and goes before the file: so secrets need not
  ///     stand in it.
  init(_ text: String, file: String, environment: [String: String] = [:]) throws(Fault) {
    self.file = file
    let written = try SettingsFile(text, file: file).values
    let environment = environment.filter { $0.key.hasPrefix(SettingKey.environmentPrefix) }
    try Self.checkNames(environment.keys.sorted())
    let reader = ConfigReader(providers: [
      EnvironmentVariablesProvider(environmentVariables: environment)
        .prefixKeys(with: "sperrwerk"),
      Self.provider(file) { written[$0.name] },
      Self.provider("defaults") { $0.initialValues },
    ])
    for key in SettingKey.all {
      let name = ConfigKey(key.name)
      let found =
        key.isList
        ? reader.stringArray(forKey: name, default: [])
        : [reader.string(forKey: name, default: "")]
      // The value may be a secret: it is not told.
      guard key.takes(found) || found == key.initialValues else {
        throw Fault(description: "environment: \(key.environmentName): \(key.demand)")
      }
      values[key.name] = found
    }
  }

  /// As the file and the environment are now.
  static func read(_ file: String) throws(Fault) -> LiveSettings {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Fault(description: "\(file): cannot be read; see that it is there and may be read")
    }
    return try LiveSettings(
      String(decoding: data, as: UTF8.self), file: file,
      environment: ProcessInfo.processInfo.environment)
  }

  private static func provider(_ name: String, _ values: (SettingKey) -> [String]?)
    -> InMemoryProvider
  {
    var all: [AbsoluteConfigKey: ConfigValue] = [:]
    for key in SettingKey.all {
      guard let found = values(key) else { continue }
      all[AbsoluteConfigKey(ConfigKey(key.name))] = ConfigValue(
        key.isList ? .stringArray(found) : .string(found.first ?? ""), isSecret: false)
    }
    return InMemoryProvider(name: name, values: all)
  }

  private static func checkNames(_ names: [String]) throws(Fault) {
    let known = SettingKey.all.map(\.environmentName)
    for name in names where !known.contains(name) {
      throw Fault(
        description: "environment: no setting '\(name)'; \(NearMiss.remedy(name, among: known))")
    }
  }

  /// Takes what may change while the service runs.
  /// - Returns: the names that have another value now, and those that will after a restart.
  mutating func adopt(_ fresh: LiveSettings) -> (changed: [String], afterRestart: [String]) {
    let different = SettingKey.all.filter {
      values[$0.name] != fresh.values[$0.name] && !(isForcedDry && $0.name == "dry_run")
    }
    for key in different where key.reloads { values[key.name] = fresh.values[key.name] }
    return (
      different.filter(\.reloads).map(\.name), different.filter { !$0.reloads }.map(\.name)
    )
  }

  /// A dry run has a ledger of its own: what it only said must not stop anybody when the service goes live.
  var ledger: String { self["state"] + (flag("dry_run") ? "/dry-run.db" : "/sperrwerk.db") }

  /// What Postfix's programs are told, so that they know which instance is meant.
  var postfixOptions: [String] { PostfixInstance.options(path("postfix.config")) }

  /// Where Postfix may ask by TCP; nil where it may not.
  var policyAddress: ListenAddress? { ListenAddress(self["policy_service.address"]) }

  /// Snapshots and inputs, beside the ledger; a dry run's are its own too.
  var stateFolder: String { self["state"] + (flag("dry_run") ? "/dry-run" : "/engine") }

  /// A dry run by the command line, whatever the file says.
  private var isForcedDry = false

  mutating func forceDryRun() {
    isForcedDry = true
    values["dry_run"] = ["true"]
  }

  /// What the engine takes of them.
  var engine: Engine.Settings {
    var settings = Engine.Settings()
    settings.needsReport = flag("restore_needs_report")
    settings.relapseNeedsStaff = true
    settings.keep = span("keep")
    settings.thiefQuiet = span("thief_quiet")
    settings.notifies = flag("notices.send")
    settings.rehearses = flag("dry_run")
    settings.ownUID = Int32(bitPattern: geteuid())
    settings.ownNetworks = networks("own_networks") + HostAddresses.all
    settings.brakes.suspensions = Int(number("brakes.suspensions"))
    settings.brakes.share = number("brakes.share")
    settings.brakes.least = Int(number("brakes.least"))
    return settings
  }
}
