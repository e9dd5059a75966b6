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
    for key in SettingKey.all {
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

  private static func quoted(_ value: String, _ key: SettingKey) -> String {
    key.shape == .text && (value.contains(":") || value.contains("#") || value.hasPrefix("+"))
      ? "\"\(value)\"" : value
  }
}
