package import Events
import Lua

/// A policy file that has passed its checks.
package struct LoadedPolicy: Sendable {
  package enum Applicability: String, CaseIterable, Sendable { case account, site, any }

  package struct Setting: Equatable, Sendable {
    package let name: String
    package let note: String?
    package let initial: String
    package var value: SettingValue
    package var text: String { value.text }
    package var isChanged: Bool { text != initial }
  }

  package struct Window: Sendable {
    package let name: String
    package let declaration: WindowDeclaration
    package let line: Int
  }

  package struct Handler: Sendable {
    /// Nil is `grace_over`.
    package let event: PolicyEvent?
    /// What the event itself must be.
    package let condition: Condition
    package let gates: [Gate]
    /// After a decision about a subject it is not asked about that subject for so long.
    package let once: TimeSpan?
    let function: Function
  }

  /// The path as errors name it.
  package let file: String
  package let name: String
  package let about: String
  package var isShadow: Bool
  package let applies: Applicability
  package internal(set) var settings: [Setting] = []
  package internal(set) var windows: [Window] = []
  package internal(set) var handlers: [Handler] = []

  package func applies(toSite isSite: Bool) -> Bool {
    applies == .any || (applies == .site) == isSite
  }
}

/// What a setting may be.
package enum SettingValue: Equatable, Sendable {
  case flag(Bool)
  case number(Double)
  case text(String)
  case texts([String])

  /// As `--set` would write it.
  package var text: String {
    switch self {
    case .flag(let flag): "\(flag)"
    case .number(let number):
      number.rounded() == number && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
    case .text(let text): text
    case .texts(let texts): texts.joined(separator: ",")
    }
  }

  init?(_ value: Value) {
    switch value {
    case .flag(let flag): self = .flag(flag)
    case .integer(let integer): self = .number(Double(integer))
    case .number(let number): self = .number(number)
    case .text(let text): self = .text(text)
    case .table(let table):
      guard let items = table.sequence else { return nil }
      var texts: [String] = []
      for item in items {
        switch item {
        case .text(let text): texts.append(text)
        case .integer(let integer): texts.append("\(integer)")
        default: return nil
        }
      }
      self = .texts(texts)
    default: return nil
    }
  }

  /// The value that `--set` gives, of the same kind as this one.
  func replaced(by text: String) -> SettingValue? {
    switch self {
    case .flag: text == "true" ? .flag(true) : text == "false" ? .flag(false) : nil
    case .number: Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    case .text(let old): TimeSpan(old) != nil && TimeSpan(text) == nil ? nil : .text(text)
    case .texts: .texts(text.split(separator: ",").map(String.init))
    }
  }

  var scalar: Scalar {
    switch self {
    case .flag(let flag): .flag(flag)
    case .number(let number): .number(number)
    case .text(let text): .text(text)
    case .texts(let texts): .text(texts.joined(separator: ","))
    }
  }
}
