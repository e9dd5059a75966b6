/// The settings file as `init` writes it.
extension LiveSettings {
  /// The file as `init` writes it: every setting with its meaning, changed ones as given.
  static func template(_ changed: [String: String]) -> String {
    var text = """
      # Sperrwerk's settings. What is left out has the value that stands here. What is marked (reload) is taken anew
      # by 'sperrwerk reload' or SIGHUP, the rest by a restart. An environment variable such as
      # SPERRWERK_BRAKES_LEAST goes before brakes.least here: so secrets need not stand in this file.

      """
    var group = ""
    for key in Self.inGroups {
      let parts = key.name.split(separator: ".")
      if parts.count == 2, parts[0] != group {
        group = String(parts[0])
        text += "\n\(group):\n"
      }
      let indent = parts.count == 2 ? "  " : ""
      let value = changed[key.name] ?? key.initial
      text += "\n\(indent)# \(key.meaning)\(key.reloads ? " (reload)" : "")\n"
      text += "\(indent)\(value.isEmpty ? "# " : "")\(parts.last ?? ""): \(quoted(value, key))\n"
    }
    return text
  }

  /// Those without a group first, then each group as a whole, wherever its settings stand in the list.
  private static var inGroups: [SettingKey] {
    func group(_ key: SettingKey) -> Substring? {
      key.name.firstIndex(of: ".").map { key.name[..<$0] }
    }
    var groups: [Substring?] = [nil]
    for key in SettingKey.all where !groups.contains(group(key)) { groups.append(group(key)) }
    return groups.flatMap { name in SettingKey.all.filter { group($0) == name } }
  }

  /// What YAML might take for more than a text stands in single quotes; only they are doubled in them.
  private static func quoted(_ value: String, _ key: SettingKey) -> String {
    let isPlain = value.allSatisfy { character in
      character.isASCII
        && (character.isLetter || character.isNumber || " /._-,;!?()".contains(character))
    }
    return key.shape != .text || value.isEmpty || isPlain && value.first != "-"
      ? value : "'\(value.replacing("'", with: "''"))'"
  }
}
