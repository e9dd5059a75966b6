import Engine
import Events
import Policy
import Yams

/// The service's settings: one YAML file, every key in `SettingKey.all`.
struct LiveSettings: Sendable {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  let file: String
  private var values: [String: [String]] = [:]

  subscript(name: String) -> String { values[name]?.first ?? "" }
  func list(_ name: String) -> [String] { values[name] ?? [] }
  func flag(_ name: String) -> Bool { self[name] == "true" }
  func number(_ name: String) -> Double { Double(self[name]) ?? 0 }
  func span(_ name: String) -> TimeSpan { TimeSpan(self[name]) ?? .zero }
  /// Nil where it is left empty.
  func path(_ name: String) -> String? { self[name].isEmpty ? nil : self[name] }

  /// - Parameter bytes: the file's text; what it does not name has its default.
  init(_ text: String, file: String) throws(Fault) {
    self.file = file
    for key in SettingKey.all { values[key.name] = Self.parts(key.initial, key.shape) }
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw Fault(description: "\(file): \(Self.line(of: error)); correct the file")
    }
    guard let node else { return }
    guard let mapping = node.mapping else {
      throw Fault(description: "\(file):1: is no list of settings; write NAME: VALUE lines")
    }
    try read(mapping, prefix: "")
  }

  private static func line(of error: any Error) -> String {
    if case .parser(_, let problem, let mark, _) = error as? YamlError {
      return "line \(mark.line): \(problem)"
    }
    return "\(error)"
  }

  private mutating func read(_ mapping: Node.Mapping, prefix: String) throws(Fault) {
    for (key, value) in mapping {
      let name = prefix + (key.string ?? "")
      let place = "\(file):\(key.mark?.line ?? 1)"
      if SettingKey.all.contains(where: { $0.name.hasPrefix(name + ".") }) {
        // A group may be empty: all of its lines are comments.
        if value.scalar?.string.isEmpty == true { continue }
        if let inner = value.mapping {
          try read(inner, prefix: name + ".")
          continue
        }
      }
      guard let known = SettingKey.all.first(where: { $0.name == name }) else {
        let remedy = NearMiss.remedy(name, among: SettingKey.all.map(\.name))
        throw Fault(description: "\(place): no setting '\(name)'; \(remedy)")
      }
      values[name] = try Self.check(value, known, place)
    }
  }

  private static func check(_ value: Node, _ key: SettingKey, _ place: String) throws(Fault)
    -> [String]
  {
    func wrong(_ what: String) -> Fault {
      Fault(description: "\(place): \(key.name) must be \(what), such as \(key.initial)")
    }
    if key.shape == .list {
      guard let items = value.sequence?.map({ $0.string ?? "" }) ?? value.string.map({ [$0] }),
        !items.contains("")
      else { throw wrong("a list") }
      return items
    }
    guard let text = value.scalar?.string else { throw wrong("one value") }
    switch key.shape {
    case .flag where !["true", "false"].contains(text): throw wrong("true or false")
    case .number where Double(text) == nil: throw wrong("a number")
    case .span where TimeSpan(text) == nil: throw wrong("a duration")
    default: return [text]
    }
  }

  private static func parts(_ initial: String, _ shape: SettingKey.Shape) -> [String] {
    guard shape == .list else { return [initial] }
    return initial.dropFirst().dropLast().split(separator: ",").map(String.init)
  }

  /// A dry run has a ledger of its own: what it only said must not stop anybody when the service goes live.
  var ledger: String { self["state"] + (flag("dry_run") ? "/dry-run.db" : "/sperrwerk.db") }

  mutating func forceDryRun() { values["dry_run"] = ["true"] }

  /// What the engine takes of them.
  var engine: Engine.Settings {
    var settings = Engine.Settings()
    settings.needsReport = flag("restore_needs_report")
    settings.relapseNeedsStaff = true
    settings.brakes.suspensions = Int(number("brakes.suspensions"))
    settings.brakes.share = number("brakes.share")
    settings.brakes.least = Int(number("brakes.least"))
    return settings
  }

  /// The file as `init` writes it: every setting with its meaning, changed ones as given.
  static func template(_ changed: [String: String]) -> String {
    var text = "# Sperrwerk's settings. What is left out has the value that stands here.\n"
    var group = ""
    for key in SettingKey.all {
      let parts = key.name.split(separator: ".")
      if parts.count == 2, parts[0] != group {
        group = String(parts[0])
        text += "\n\(group):\n"
      }
      let indent = parts.count == 2 ? "  " : ""
      let value = changed[key.name] ?? key.initial
      text += "\n\(indent)# \(key.meaning)\n"
      text += "\(indent)\(value.isEmpty ? "# " : "")\(parts.last ?? ""): \(quoted(value, key))\n"
    }
    return text
  }

  private static func quoted(_ value: String, _ key: SettingKey) -> String {
    key.shape == .text && (value.contains(":") || value.contains("#") || value.hasPrefix("+"))
      ? "\"\(value)\"" : value
  }
}
