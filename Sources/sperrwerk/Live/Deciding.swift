import Collectors
import Engine
import Events
import Foundation
import Policy
import Store

/// All that decides beside the inputs: the policies with their lists, the directory, and the engine's own settings;
/// and the templates of notices, where they do not lie among the policies.
///
/// A copy of the files is kept with the inputs that they decided, so that a restart, and a replay of what was
/// recorded, decides by the same.
struct Deciding {
  let policies: PolicySet
  let directory: Directory
  let settings: Engine.Settings
  private let files: [String: String]

  /// As the service's settings name them.
  init(_ settings: LiveSettings) throws(LiveSettings.Fault) {
    var files = Self.tables(settings)
    files["policies"] = settings["policies"]
    if settings.flag("notices.send") { files["notices"] = settings.path("notices.templates") }
    try self.init(files, settings.engine)
  }

  /// With another directory and this host's addresses as they are now, and else as it is.
  /// - Parameter kept: the folder in which `self` is kept: the policies' own may be half edited.
  func with(directoryOf live: LiveSettings, kept: String) throws(LiveSettings.Fault) -> Deciding {
    var files = Self.tables(live)
    files["policies"] = kept + "/policies"
    files["notices"] = Self.templates(kept: kept)
    var settings = settings
    settings.ownNetworks = live.engine.ownNetworks
    return try Deciding(files, settings, isKept: true)
  }

  private static func tables(_ live: LiveSettings) -> [String: String] {
    var files: [String: String] = [:]
    files["accounts.csv"] = live.directory("accounts")
    files["sites.csv"] = live.directory("sites")
    files["contacts.csv"] = live.path("contacts")
    return files
  }

  /// As they were kept.
  init(kept folder: String) throws(LiveSettings.Fault) {
    let files = ["policies", "notices", "accounts.csv", "sites.csv", "contacts.csv"].filter {
      FileManager.default.fileExists(atPath: "\(folder)/\($0)")
    }
    guard let json = FileManager.default.contents(atPath: folder + "/engine.json"),
      let settings = try? JSONDecoder().decode(Engine.Settings.self, from: json)
    else {
      throw LiveSettings.Fault(
        description: "\(folder): not whole; everything is read again from the logs")
    }
    try self.init(
      Dictionary(uniqueKeysWithValues: files.map { ($0, "\(folder)/\($0)") }), settings,
      isKept: true)
  }

  /// Nil where none of their own were kept.
  private static func templates(kept folder: String) -> String? {
    let path = folder + "/notices"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// Where the templates of notices lie; where none were kept, as the settings say.
  func noticeFolder(_ settings: LiveSettings) -> String {
    files["notices"] ?? settings.path("notices.templates") ?? (files["policies"] ?? "") + "/notices"
  }

  private init(
    _ files: [String: String], _ settings: Engine.Settings, isKept: Bool = false
  ) throws(LiveSettings.Fault) {
    self.files = files
    self.settings = settings
    policies = PolicySet(directory: files["policies"] ?? "", isKept: isKept)
    guard policies.errors.isEmpty else {
      throw LiveSettings.Fault(
        description: policies.errors.map { "\($0)" }.joined(separator: "\n"))
    }
    var directory = Directory()
    if let file = files["accounts.csv"] {
      directory.readAccounts(CSVTable(try Self.contents(file)), file: file)
    }
    if let file = files["sites.csv"] {
      directory.readSites(CSVTable(try Self.contents(file)), file: file)
    }
    if let file = files["contacts.csv"] {
      directory.readContacts(CSVTable(try Self.contents(file)), file: file)
    }
    self.directory = directory
  }

  private static func contents(_ path: String) throws(LiveSettings.Fault) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw LiveSettings.Fault(
        description: "\(path): cannot be read; check its name and that you may read it")
    }
    return [UInt8](data)
  }

  // MARK: Kept

  func keep(_ number: Int, in folder: StateFolder) throws(StoreError) {
    try folder.keepPolicies(number, files, ["engine.json": json])
  }

  /// Whether a kept folder has the same.
  func isKept(in folder: String) -> Bool {
    let manager = FileManager.default
    let names = Set((try? manager.contentsOfDirectory(atPath: folder)) ?? [])
    return names == Set(files.keys).union(["engine.json"])
      && manager.contents(atPath: folder + "/engine.json") == json
      && files.allSatisfy { manager.contentsEqual(atPath: $1, andPath: "\(folder)/\($0)") }
  }

  private var json: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Plain values: nothing of them cannot be encoded.
    return (try? encoder.encode(settings)) ?? Data()
  }

  // MARK: The engine

  func engine(_ geo: Geo, fileNames: [String], decidesFrom: Instant = .distantPast) -> Engine {
    Engine(
      settings: settings, policies: policies, directory: directory, geo: geo,
      fileNames: fileNames, decidesFrom: decidesFrom, classify: classify)
  }

  func adopt(in engine: inout Engine) {
    engine.adopt(policies, settings, directory, classify: classify)
  }

  private var classify: Engine.Classify {
    ReplyClassifier(extra: policies.replies.map { ReplyPattern($0.replyClass, $0.says) }).classify
  }
}
