import Events
package import Lua

/// What a handler reads while it decides.
package protocol PolicyInput: AnyObject {
  func value(of field: EventField) -> WindowValue
  /// - Parameter window: the place in the policy's `windows`.
  func value(ofWindow window: Int) -> WindowValue
  func value(of field: CaseField) -> WindowValue
}

/// A field of the case that `grace_over` gets.
package enum CaseField: UInt8, CaseIterable, Sendable {
  case number, subject, policy, holds, age
  // Of `case.since_hold`.
  case messages, recipients, addresses, networks, newNetworks

  var isSinceHold: Bool { rawValue >= CaseField.messages.rawValue }
  package var name: String { self == .newNetworks ? "new_networks" : "\(self)" }
}

/// The policies' one Lua state, and what its scripts read. Not shared: the loop owns it.
package final class PolicyRuntime: FieldReader {
  /// What handlers read by name.
  enum Readable { case constructors, event, caseView, sinceHold, recent, settings }

  private enum View {
    static let globals = -1, constructors = -2
    static let event = 0, caseView = 1, sinceHold = 2, settings = 100, recent = 100_000
  }

  static let caseFields = CaseField.allCases.filter { !$0.isSinceHold }
  static let sinceHoldFields = CaseField.allCases.filter(\.isSinceHold)

  private var state: State?
  private var input: (any PolicyInput)?
  private var eventView: Int32 = -1
  private var caseView: Int32 = -1
  private var sinceHoldView: Int32 = -1
  private var settingsViews: [Int32] = []
  private var recentViews: [Int32] = []
  /// The settings and windows that views name, by policy.
  var settings: [[LoadedPolicy.Setting]] = []
  var windowNames: [[String]] = []
  /// How often Lua was entered.
  package private(set) var calls = 0
  /// Measures the calls, for the bench; the pipeline itself reads no clock.
  package var stopwatch: (() -> Int)?
  package private(set) var measured = 0

  init() {
    state = State(reader: self)
    state?.installConstructors(Decision.Action.allCases.map(\.name))
    eventView = state?.makeView(View.event, fields: EventField.allCases.map(\.name)) ?? -1
    caseView =
      state?.makeView(View.caseView, fields: Self.caseFields.map(\.name) + ["since_hold"]) ?? -1
    sinceHoldView = state?.makeView(View.sinceHold, fields: Self.sinceHoldFields.map(\.name)) ?? -1
  }

  // MARK: Loading

  func load(_ source: [UInt8], name: String) throws(LuaError) -> Value {
    guard let value = try state?.load(source, name: name) else { return .none }
    return value
  }

  /// Makes the view of a policy's settings; `settings` has them at the same place.
  func addSettings(_ list: [LoadedPolicy.Setting]) -> Int {
    settings.append(list)
    windowNames.append([])
    let place = settings.count - 1
    settingsViews.append(
      state?.makeView(View.settings + place, fields: list.map(\.name)) ?? -1)
    recentViews.append(-1)
    return place
  }

  func setWindows(_ names: [String], policy: Int) {
    windowNames[policy] = names
    recentViews[policy] = state?.makeView(View.recent + policy, fields: names) ?? -1
  }

  /// Calls `windows` or `when` with the policy's settings.
  func evaluate(_ function: Function, policy: Int, chunk: String) throws(LuaError) -> Value {
    try state?.call(function, [settingsViews[policy]], chunk: chunk, limits: .load) ?? .none
  }

  // MARK: Deciding

  /// Calls a handler.
  /// - Returns: its decision, or nil for none.
  package func decide(
    _ policy: LoadedPolicy, _ place: Int, _ handler: LoadedPolicy.Handler, _ input: any PolicyInput
  ) throws(PolicyError) -> Decision? {
    calls += 1
    let start = stopwatch?() ?? 0
    defer { measured += (stopwatch?() ?? 0) - start }
    self.input = input
    defer { self.input = nil }
    let first = handler.event == nil ? caseView : eventView
    let result: Value
    do {
      result =
        try state?.call(
          handler.function, [first, recentViews[place], settingsViews[place]], chunk: policy.file)
        ?? .none
    } catch {
      throw PolicyError(lua: error, file: policy.file)
    }
    return try Decision(result, file: policy.file, line: handler.function.line)
  }

  // MARK: What scripts read

  package func read(view: Int, field: Int) -> Scalar {
    switch view {
    case View.event: return scalar(input?.value(of: EventField.allCases[field]))
    case View.caseView:
      return field < Self.caseFields.count
        ? scalar(input?.value(of: Self.caseFields[field])) : .kept(sinceHoldView)
    case View.sinceHold: return scalar(input?.value(of: Self.sinceHoldFields[field]))
    case View.recent...: return scalar(input?.value(ofWindow: field))
    default: return settings[view - View.settings][field].value.scalar
    }
  }

  private func scalar(_ value: WindowValue?) -> Scalar {
    switch value {
    case .number(let number): .number(number)
    case .flag(let flag): .flag(flag)
    case .text(let text): .text(text)
    case .some(.none), nil: .none
    }
  }

  package func unknown(view: Int, name: String) -> String {
    let (problem, names) = readable(view, name)
    return "\(problem); \(NearMiss.remedy(name, among: names))"
  }

  /// - Parameter policy: its place.
  /// - Returns: what is wrong with a name, and what to do; nil where it can be read.
  func problem(_ readable: Readable, _ name: String, policy: Int) -> (
    problem: String, remedy: String
  )? {
    let view =
      switch readable {
      case .constructors: View.constructors
      case .event: View.event
      case .caseView: View.caseView
      case .sinceHold: View.sinceHold
      case .recent: View.recent + policy
      case .settings: View.settings + policy
      }
    let (problem, names) = self.readable(view, name)
    return names.contains(name) ? nil : (problem, NearMiss.remedy(name, among: names))
  }

  /// What is said of a name that a view does not have, and those that it has.
  private func readable(_ view: Int, _ name: String) -> (problem: String, names: [String]) {
    switch view {
    case View.globals: ("no global '\(name)' in a policy", Self.globals)
    case View.constructors: ("sperrwerk has no '\(name)'", Decision.Action.allCases.map(\.name))
    case View.event: ("event has no field '\(name)'", EventField.allCases.map(\.name))
    case View.caseView:
      ("case has no field '\(name)'", Self.caseFields.map(\.name) + ["since_hold"])
    case View.sinceHold:
      ("case.since_hold has no field '\(name)'", Self.sinceHoldFields.map(\.name))
    case View.recent...: ("no window '\(name)' is declared", windowNames[view - View.recent])
    default: ("no setting '\(name)'", settings[view - View.settings].map(\.name))
    }
  }

  /// What a policy may name beside its own; the stub `policies/sperrwerk.d.lua` says the same.
  package static let globals = [
    "assert", "error", "ipairs", "math", "next", "pairs", "select", "sperrwerk", "string", "table",
    "tonumber", "tostring", "type",
  ]
}

extension PolicyError {
  init(lua error: LuaError, file: String) {
    let parts = error.text.split(separator: ";", maxSplits: 1).map(String.init)
    self.init(
      place: error.line.map { "\(file):\($0)" } ?? file, problem: parts.first ?? error.text,
      remedy: parts.count > 1
        ? String(parts[1].drop { $0 == " " })
        : error.text.contains("budget") ? "make it shorter or simpler" : "correct the line")
  }
}
