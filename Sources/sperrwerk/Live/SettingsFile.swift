import Policy
import Yams

/// What a settings file says, each value checked against `SettingKey.all`; every fault has its line.
struct SettingsFile {
  let file: String
  /// By the setting's name; only those that the file names.
  private(set) var values: [String: [String]] = [:]

  init(_ text: String, file: String) throws(LiveSettings.Fault) {
    self.file = file
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw LiveSettings.Fault(description: "\(file):\(Self.fault(error)); correct the file")
    }
    guard let node else { return }
    guard let mapping = node.mapping else {
      throw LiveSettings.Fault(
        description: "\(file):1: is no list of settings; write NAME: VALUE lines")
    }
    try read(mapping, prefix: "")
  }

  /// As `2: did not find expected node content`; without the number where the parser knows none.
  private static func fault(_ error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "\(mark.line): \(problem)"
    case .duplicatedKeysInMapping(let names, let context):
      "\(context.mark.line): \(names.sorted().joined(separator: ", ")) stands there twice"
    default: " \(error)"
    }
  }

  private mutating func read(_ mapping: Node.Mapping, prefix: String)
    throws(LiveSettings.Fault)
  {
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
        throw LiveSettings.Fault(description: "\(place): no setting '\(name)'; \(remedy)")
      }
      values[name] = try Self.value(value, known, place)
    }
  }

  private static func value(_ node: Node, _ key: SettingKey, _ place: String)
    throws(LiveSettings.Fault) -> [String]
  {
    let found =
      key.isList
      ? node.sequence?.map { $0.string ?? "" } ?? node.string.map { [$0] }
      : node.scalar.map { [$0.string] }
    if let found, key.takes(found) { return found }
    throw LiveSettings.Fault(description: "\(place): \(key.demand)")
  }
}
