import Events
import Lua

/// Turns one window's table into its declaration.
struct WindowReader {
  let file: String
  let line: Int
  let name: String
  let ownKey: WindowDeclaration.Key

  private static let measures = [
    "count", "distinct", "sum", "share", "last", "first_seen", "baseline", "sequential",
  ]

  func read(_ table: Table) throws(PolicyError) -> WindowDeclaration {
    let given = table.entries.compactMap { entry -> String? in
      if case .text(let key) = entry.key { key } else { nil }
    }
    let measures = given.filter(Self.measures.contains)
    guard measures.count == 1 else {
      throw fault(
        "what does it measure?", "write exactly one of \(Self.measures.joined(separator: ", "))")
    }
    let known = [
      measures[0], "field", "where", "by", "over", "resolution", "of", "bad", "alpha", "beta", "p0",
      "p1",
    ]
    if let wrong = given.first(where: { !known.contains($0) }) {
      throw fault("no field '\(wrong)'", NearMiss.remedy(wrong, among: known))
    }
    let event = try self.event(table[measures[0]])
    let over = try duration(table["over"], "over")
    let key = try self.key(table["by"])
    return WindowDeclaration(
      measure: try measure(measures[0], table), event: event,
      condition: try condition(table["where"], "where"), by: key, over: over,
      resolution: table["resolution"] == .none
        ? nil : try duration(table["resolution"], "resolution"))
  }

  private func measure(_ name: String, _ table: Table) throws(PolicyError)
    -> WindowDeclaration.Measure
  {
    switch name {
    case "count": return .count
    case "distinct": return .distinct(try field(table["field"]))
    case "sum": return .sum(try field(table["field"]))
    case "last": return .last(try field(table["field"]))
    case "first_seen": return .firstSeen(try field(table["field"]))
    case "baseline": return .baseline(table["field"] == .none ? nil : try field(table["field"]))
    case "share": return .share(try condition(table["of"], "of"))
    default:
      func rate(_ name: String) throws(PolicyError) -> Double {
        guard let number = table[name].asNumber, number > 0, number < 1 else {
          throw fault("\(name) is no number between 0 and 1", "write \(name) = 0.01")
        }
        return number
      }
      let p0 = try rate("p0")
      let p1 = try rate("p1")
      guard p0 < p1 else {
        throw fault("p0 must be below p1", "a spammer's share of bad results is p1")
      }
      return .sequential(
        WindowDeclaration.Sequential(
          bad: try condition(table["bad"], "bad"), alpha: try rate("alpha"), beta: try rate("beta"),
          p0: p0, p1: p1))
    }
  }

  private func event(_ value: Value) throws(PolicyError) -> PolicyEvent {
    let names = PolicyEvent.allCases.map(\.name)
    guard case .text(let text) = value,
      let event = PolicyEvent.allCases.first(where: { $0.name == text })
    else {
      let text = if case .text(let text) = value { text } else { value.typeName }
      throw fault("no event '\(text)'", NearMiss.remedy(text, among: names))
    }
    return event
  }

  private func field(_ value: Value) throws(PolicyError) -> EventField {
    guard case .text(let text) = value else {
      throw fault("field is missing", "write field = \"recipient_domain\"")
    }
    return try field(named: text)
  }

  private func field(named text: String) throws(PolicyError) -> EventField {
    guard let field = EventField.allCases.first(where: { $0.name == text }) else {
      throw fault(
        "no event has a field '\(text)'",
        NearMiss.remedy(text, among: EventField.allCases.map(\.name)))
    }
    return field
  }

  private func key(_ value: Value) throws(PolicyError) -> WindowDeclaration.Key {
    switch value {
    case .none: return ownKey
    case .text(let text):
      guard let key = WindowDeclaration.Key.allCases.first(where: { $0.name == text }) else {
        throw fault(
          "nothing is counted by '\(text)'",
          NearMiss.remedy(text, among: WindowDeclaration.Key.allCases.map(\.name)))
      }
      return key
    default: throw fault("by is no text", "write by = \"account\"")
    }
  }

  private func duration(_ value: Value, _ name: String) throws(PolicyError) -> TimeSpan {
    guard case .text(let text) = value, let span = TimeSpan(text), span > .zero else {
      throw fault("\(name) is no duration", "write \(name) = \"1h\" (s, m, h, d)")
    }
    return span
  }

  // MARK: Conditions

  func condition(_ value: Value, _ what: String) throws(PolicyError) -> Condition {
    if value == .none, what == "where" { return .always }
    guard case .table(let table) = value else {
      throw fault("\(what) is no table", "write \(what) = { reply_class = { \"spam\" } }")
    }
    var tests: [(EventField, Condition.Test)] = []
    for entry in table.entries {
      guard case .text(let name) = entry.key else {
        throw fault("\(what) has a field without a name", "name it")
      }
      let field = try field(named: name)
      tests.append((field, try test(field, entry.value)))
    }
    return Condition(tests: tests.sorted { $0.0.rawValue < $1.0.rawValue }.map(\.1))
  }

  private func test(_ field: EventField, _ value: Value) throws(PolicyError) -> Condition.Test {
    switch field.shape {
    case .word: return .words(field, try words(field, value))
    case .flag:
      guard case .flag(let flag) = value else {
        throw fault("\(field.name) is true or false", "write one of them")
      }
      return .flag(field, flag)
    case .number:
      if let number = value.asNumber { return .number(field, number...number) }
      guard case .table(let bounds) = value,
        bounds["min"].asNumber != nil || bounds["max"].asNumber != nil
      else {
        throw fault("\(field.name) needs a number or bounds", "write { min = 2 } or { max = 10 }")
      }
      let least = bounds["min"].asNumber ?? -Double.infinity
      let most = bounds["max"].asNumber ?? Double.infinity
      guard least <= most else { throw fault("\(field.name): min is above max", "swap them") }
      return .number(field, least...most)
    case .text:
      return .texts(field, try texts(value).map { $0.lowercased() }.sorted())
    case .time: throw fault("\(field.name) cannot be tested", "leave it out")
    }
  }

  private func words(_ field: EventField, _ value: Value) throws(PolicyError) -> UInt32 {
    var mask: UInt32 = 0
    for text in try texts(value) {
      guard let place = field.words.firstIndex(of: text) else {
        throw fault("\(field.name) is never '\(text)'", NearMiss.remedy(text, among: field.words))
      }
      mask |= 1 << UInt32(place)
    }
    return mask
  }

  private func texts(_ value: Value) throws(PolicyError) -> [String] {
    switch value {
    case .text(let text): return [text]
    case .table(let table):
      guard let items = table.sequence, !items.isEmpty else { break }
      var texts: [String] = []
      for item in items {
        guard case .text(let text) = item else {
          throw fault("a list of texts is wanted", "quote its items")
        }
        texts.append(text)
      }
      return texts
    default: break
    }
    throw fault("a text or a list of texts is wanted, not a \(value.typeName)", "write { \"…\" }")
  }

  private func fault(_ problem: String, _ remedy: String) -> PolicyError {
    PolicyError(place: "\(file):\(line)", problem: "window '\(name)': \(problem)", remedy: remedy)
  }
}
