import Events
import Lua

/// Turns one policy file into a `LoadedPolicy`, or says what is wrong with it and where.
struct PolicyReader {
  let file: String
  let name: String
  let source: [UInt8]
  let runtime: PolicyRuntime
  private(set) var warnings: [String] = []
  private var place = 0
  private var lines: [Substring] = []

  init(file: String, name: String, source: [UInt8], runtime: PolicyRuntime) {
    (self.file, self.name, self.source, self.runtime) = (file, name, source, runtime)
    lines = String(decoding: source, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  mutating func read(overrides: [String]) throws(PolicyError) -> LoadedPolicy {
    let value: Value
    do { value = try runtime.load(source, name: file) } catch {
      throw PolicyError(lua: error, file: file)
    }
    guard case .table(let table) = value else {
      throw fault(
        "the file returns a \(value.typeName)", "end it with return { name = \"\(name)\", … }")
    }
    try check(
      table, known: ["name", "about", "subject", "mode", "settings", "windows", "on"], "a policy")
    guard case .text(let stated) = table["name"], stated == name else {
      throw fault("name is not the file's", "write name = \"\(name)\"", near: "name")
    }
    guard case .text(let about) = table["about"], !about.isEmpty else {
      throw fault("about is missing", "say in one sentence what the policy finds", near: "name")
    }
    let applies =
      try word(table["subject"], "subject", LoadedPolicy.Applicability.allCases.map(\.rawValue))
      ?? "account"
    let mode = try word(table["mode"], "mode", ["active", "shadow"]) ?? "active"
    var policy = LoadedPolicy(
      file: file, name: name, about: about, isShadow: mode == "shadow",
      applies: LoadedPolicy.Applicability(rawValue: applies)!)
    policy.settings = try settings(table["settings"], overrides)
    place = runtime.addSettings(policy.settings)
    policy.windows = try windows(table["windows"], applies: policy.applies)
    runtime.setWindows(policy.windows.map(\.name), policy: place)
    policy.handlers = try handlers(table["on"], policy)
    warnings += RepeatedLiterals(file: file, lines: lines, settings: policy.settings).warnings
    return policy
  }

  /// Of a policy that was read: the names in its functions.
  func checkNames(_ policy: LoadedPolicy) throws(PolicyError) {
    let names = NamesRead(file: file, source: source)
    let (runtime, place) = (runtime, place)
    if let fault = names.fault(policy.handlers, { runtime.problem($0, $1, policy: place) }) {
      throw fault
    }
  }

  // MARK: Settings

  private mutating func settings(_ value: Value, _ overrides: [String]) throws(PolicyError)
    -> [LoadedPolicy.Setting]
  {
    var settings: [LoadedPolicy.Setting] = []
    let entries: [Table.Entry]
    switch value {
    case .none: entries = []
    case .table(let table): entries = table.entries
    default: throw fault("settings is no table", "write settings = { … }", near: "settings")
    }
    for entry in entries {
      guard case .text(let name) = entry.key, let value = SettingValue(entry.value) else {
        throw fault(
          "a setting is neither a number, a text, a flag nor a list of texts", "correct it",
          near: "settings")
      }
      settings.append(
        LoadedPolicy.Setting(
          name: name, note: note(of: name), initial: value.text, value: value))
    }
    settings.sort {
      (line(of: $0.name + " =") ?? 0, $0.name) < (line(of: $1.name + " =") ?? 0, $1.name)
    }
    for override in overrides where override.hasPrefix(name + ".") {
      try apply(override, to: &settings)
    }
    return settings
  }

  private func apply(_ override: String, to settings: inout [LoadedPolicy.Setting])
    throws(PolicyError)
  {
    let rest = override.dropFirst(name.count + 1)
    let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    func wrong(_ problem: String, _ remedy: String) -> PolicyError {
      PolicyError(place: "--set \(override)", problem: problem, remedy: remedy)
    }
    guard parts.count == 2 else {
      throw wrong("no value", "write --set \(name).SETTING=VALUE")
    }
    guard let index = settings.firstIndex(where: { $0.name == parts[0] }) else {
      throw wrong(
        "\(name) has no setting '\(parts[0])'",
        NearMiss.remedy(parts[0], among: settings.map(\.name)))
    }
    guard let value = settings[index].value.replaced(by: parts[1]) else {
      throw wrong(
        "'\(parts[1])' is not of the setting's kind",
        "its value now is \(settings[index].value.text)")
    }
    settings[index].value = value
  }

  /// The comment that stands behind a setting in the file tells what it means.
  private func note(of setting: String) -> String? {
    for line in lines {
      let trimmed = line.drop { $0 == " " }
      guard trimmed.hasPrefix(setting + " ="), let dashes = trimmed.range(of: "--") else {
        continue
      }
      let note = trimmed[dashes.upperBound...].drop { $0 == " " }
      return note.isEmpty ? nil : String(note)
    }
    return nil
  }

  // MARK: Windows

  private func windows(_ value: Value, applies: LoadedPolicy.Applicability) throws(PolicyError)
    -> [LoadedPolicy.Window]
  {
    let table: Table
    switch try evaluated(value) {
    case .none: return []
    case .table(let made): table = made
    default:
      throw fault("windows gives no table", "return { NAME = { count = … }, … }", near: "windows")
    }
    var windows: [LoadedPolicy.Window] = []
    for entry in table.entries {
      guard case .text(let name) = entry.key, case .table(let declared) = entry.value else {
        throw fault(
          "a window needs a name and a table", "write NAME = { count = … }", near: "windows")
      }
      let line = self.line(of: name + " =") ?? 1
      let reader = WindowReader(
        file: file, line: line, name: name,
        ownKey: applies == .any ? .subject : applies == .site ? .site : .account)
      let declaration = try reader.read(declared)
      windows.append(LoadedPolicy.Window(name: name, declaration: declaration, line: line))
    }
    return windows
  }

  // MARK: Handlers

  private func handlers(_ value: Value, _ policy: LoadedPolicy) throws(PolicyError)
    -> [LoadedPolicy.Handler]
  {
    guard case .table(let on) = value, !on.entries.isEmpty else {
      throw fault(
        "on is missing", "write on = { delivery = { decide = function … end } }", near: "on")
    }
    let names = PolicyEvent.allCases.map(\.name) + ["grace_over"]
    var handlers: [LoadedPolicy.Handler] = []
    for entry in on.entries {
      guard case .text(let name) = entry.key, names.contains(name) else {
        let name = if case .text(let text) = entry.key { text } else { "?" }
        throw fault("no event '\(name)'", NearMiss.remedy(name, among: names), near: name + " =")
      }
      guard case .table(let handler) = entry.value else {
        throw fault(
          "on.\(name) is no table", "write \(name) = { decide = function … end }", near: name + " ="
        )
      }
      try check(handler, known: ["where", "when", "once", "decide"], "on.\(name)")
      guard case .function(let function) = handler["decide"] else {
        throw fault(
          "on.\(name) has no decide", "add decide = function(event, recent, settings) … end",
          near: name + " =")
      }
      let event = PolicyEvent.allCases.first { $0.name == name }
      handlers.append(
        LoadedPolicy.Handler(
          event: event,
          condition: try WindowReader(
            file: file, line: line(of: name + " =") ?? 1, name: "on." + name, ownKey: .account
          ).condition(handler["where"], "where"),
          gates: try gates(handler["when"], policy, name),
          once: try once(handler["once"], name), function: function))
    }
    return handlers
  }

  private func once(_ value: Value, _ event: String) throws(PolicyError) -> TimeSpan? {
    switch value {
    case .none: return nil
    case .text(let text) where TimeSpan(text) != nil: return TimeSpan(text)
    default: throw fault("once is no duration", "write once = \"1h\"", near: event + " =")
    }
  }

  private func gates(_ value: Value, _ policy: LoadedPolicy, _ event: String) throws(PolicyError)
    -> [Gate]
  {
    let table: Table
    switch try evaluated(value) {
    case .none: return []
    case .table(let made): table = made
    default: throw fault("when gives no table", "return { WINDOW = NUMBER }", near: event + " =")
    }
    var gates: [Gate] = []
    for entry in table.entries {
      guard case .text(let name) = entry.key,
        let window = policy.windows.firstIndex(where: { $0.name == name })
      else {
        let name = if case .text(let text) = entry.key { text } else { "?" }
        throw fault(
          "no window '\(name)' is declared",
          NearMiss.remedy(name, among: policy.windows.map(\.name)), near: event + " =")
      }
      switch entry.value {
      case .flag(let flag): gates.append(Gate(window: window, atLeast: flag ? 1 : 0))
      default:
        guard let number = entry.value.asNumber else {
          throw fault("when.\(name) is no number", "write \(name) = NUMBER", near: event + " =")
        }
        gates.append(Gate(window: window, atLeast: number))
      }
    }
    return gates
  }

  private func evaluated(_ value: Value) throws(PolicyError) -> Value {
    guard case .function(let function) = value else { return value }
    do { return try runtime.evaluate(function, policy: place, chunk: file) } catch {
      throw PolicyError(lua: error, file: file)
    }
  }

  // MARK: Faults

  private func check(_ table: Table, known: [String], _ what: String) throws(PolicyError) {
    for entry in table.entries {
      let name = if case .text(let text) = entry.key { text } else { "?" }
      guard known.contains(name) else {
        throw fault(
          "\(what) has no field '\(name)'", NearMiss.remedy(name, among: known), near: name + " =")
      }
    }
  }

  private func word(_ value: Value, _ field: String, _ words: [String]) throws(PolicyError)
    -> String?
  {
    switch value {
    case .none: return nil
    case .text(let text) where words.contains(text): return text
    default:
      let text = if case .text(let text) = value { text } else { "?" }
      throw fault("\(field) is '\(text)'", NearMiss.remedy(text, among: words), near: field)
    }
  }

  private func fault(_ problem: String, _ remedy: String, near: String? = nil) -> PolicyError {
    PolicyError(
      place: near.flatMap { line(of: $0) }.map { "\(file):\($0)" } ?? "\(file):1",
      problem: problem, remedy: remedy)
  }

  /// The first line that begins with `text`, apart from blanks.
  private func line(of text: String) -> Int? {
    lines.firstIndex { $0.drop { $0 == " " || $0 == "{" || $0 == "\t" }.hasPrefix(text) }.map {
      $0 + 1
    }
  }
}
