package import Events
import Lua

/// What operators allow, protect and limit: data with an end.
package struct PolicyLists: Sendable {
  package typealias Entry = ListReport.Entry

  package private(set) var entries: [Entry] = []
  /// The places of their entries.
  private var bySubject: [String: [Int]] = [:]

  package init() {}

  /// - Parameters:
  ///   - value: a list of `{ allow = "anna@example.net", policy = "unusual-volume",
  ///     from = "2026-10-01", expires = "2026-12-31", reason = "…" }`.
  ///   - policies: the names that an entry may have; nil where any may stand.
  mutating func add(_ value: Value, file: String, source: [UInt8], policies: [String]?)
    throws(PolicyError)
  {
    guard case .table(let table) = value, let list = table.sequence else {
      throw PolicyError(
        place: file, problem: "returns no list", remedy: "return { { allow = \"…\", … }, … }")
    }
    let lines = Self.entryLines(source)
    for (number, item) in list.enumerated() {
      // Where a program makes the entries their lines are not known.
      let line = lines.count == list.count ? ":\(lines[number])" : ""
      guard case .table(let entry) = item else {
        throw PolicyError(
          place: file + line, problem: "entry \(number + 1) is no table",
          remedy: "write { allow = \"…\", … }")
      }
      add(try EntryReader(table: entry, place: file + line, number: number + 1).read(policies))
    }
  }

  /// The lines on which the entries begin: Lua keeps no lines of tables.
  private static func entryLines(_ source: [UInt8]) -> [Int] {
    var depth = 0
    var lines: [Int] = []
    for token in LuaTokens(source).all {
      if token.text == "{" {
        if depth == 1 { lines.append(token.line) }
        depth += 1
      } else if token.text == "}" {
        depth -= 1
      }
    }
    return lines
  }

  package mutating func add(_ entry: Entry) {
    bySubject[entry.subject, default: []].append(entries.count)
    entries.append(entry)
  }

  /// Those about a subject that hold now.
  private func entries(of subject: String, at now: Instant) -> [Entry] {
    guard let places = bySubject[subject] else { return [] }
    return places.map { entries[$0] }.filter { $0.from <= now && now < $0.until }
  }

  // MARK: Asking

  package func protects(_ subject: String, at now: Instant) -> Entry? {
    entries(of: subject, at: now).first { $0.kind == .protect }
  }

  /// Whether `address` lies in a network that is known to be the subject's own.
  package func knows(_ subject: String, _ address: NetworkAddress, at now: Instant) -> Bool {
    entries(of: subject, at: now).contains {
      $0.kind == .allow && $0.network?.contains(address) == true
    }
  }

  /// The messages an hour that are the subject's own volume; nil where nothing says so.
  /// - Parameter lifted: entries that began before this have been lifted.
  package func volume(_ subject: String, at now: Instant, lifted: Instant) -> Double? {
    entries(of: subject, at: now).filter { $0.kind != .protect && $0.from > lifted }
      .compactMap(\.volume).max()
  }

  /// - Parameter lifted: entries that began before this have been lifted.
  package func allows(
    _ subject: String, policy: String, at now: Instant, lifted: Instant
  ) -> Entry? {
    entries(of: subject, at: now).first {
      $0.kind == .allow && $0.policy == policy && $0.from > lifted
    }
  }
}

/// One entry of a file.
private struct EntryReader {
  let table: Table
  let place: String
  let number: Int

  private static let texts = ["policy", "network", "from", "expires", "reason"]
  private static let kinds = ListReport.Entry.Kind.allCases.map(\.rawValue)
  /// At most a year, also a leap year.
  private static let longest = TimeSpan(seconds: 366 * 86_400)

  func read(_ policies: [String]?) throws(PolicyError) -> ListReport.Entry {
    let (kind, subject) = try subject()
    guard let reason = try text("reason"), !reason.isEmpty else {
      throw fault("no reason", "add reason = \"…\"")
    }
    guard let from = try text("from").flatMap(Self.day),
      let until = try text("expires").flatMap(Self.day)
    else {
      throw fault(
        "from and expires are needed", "write from = \"2026-10-01\", expires = \"2026-12-31\"")
    }
    guard from < until, until - from <= Self.longest else {
      throw fault("expires must lie within a year after from", "renew the entry when it ends")
    }
    let volume = try volume()
    if kind == .limit, volume == nil {
      throw fault("no volume", "add volume = 200, messages an hour")
    }
    let entry = ListReport.Entry(
      kind: kind, subject: subject, policy: try policy(policies), network: try network(),
      volume: volume, from: from, until: until, reason: reason, place: "\(place) entry \(number)")
    if kind == .allow, entry.policy == nil, entry.network == nil, volume == nil {
      throw fault("it allows everything", "name a policy, a network or a volume")
    }
    return entry
  }

  /// What it does, and about whom.
  private func subject() throws(PolicyError) -> (ListReport.Entry.Kind, String) {
    let known = Self.kinds + Self.texts + ["volume"]
    var found: [ListReport.Entry.Kind] = []
    for entry in table.entries {
      guard case .text(let key) = entry.key, known.contains(key) else {
        let key = if case .text(let text) = entry.key { text } else { "?" }
        throw fault("no field '\(key)'", NearMiss.remedy(key, among: known))
      }
      if let kind = ListReport.Entry.Kind(rawValue: key) { found.append(kind) }
    }
    guard let kind = found.first else {
      throw fault("it neither allows, protects nor limits", "begin it with allow = \"LOGIN\"")
    }
    guard found.count == 1 else {
      throw fault(
        "it says \(found.map(\.rawValue).joined(separator: " and "))", "make several entries of it")
    }
    guard let name = try text(kind.rawValue), !name.isEmpty else {
      throw fault(
        "nobody is named", "write \(kind.rawValue) = \"LOGIN\", or \"uid:5012\" of a website")
    }
    return (kind, name.lowercased())
  }

  private func policy(_ policies: [String]?) throws(PolicyError) -> String? {
    guard let name = try text("policy") else { return nil }
    if let policies, !policies.contains(name) {
      throw fault("no policy '\(name)'", NearMiss.remedy(name, among: policies))
    }
    return name
  }

  private func network() throws(PolicyError) -> AddressRange? {
    guard let name = try text("network") else { return nil }
    guard let network = AddressRange(name), !network.isHuge else {
      throw fault(
        "'\(name)' is no network of a customer",
        "write an address or a network, such as 192.0.2.0/24 or 2001:db8::/48")
    }
    return network
  }

  private func volume() throws(PolicyError) -> Double? {
    switch table["volume"] {
    case .none: return nil
    case .number(let number) where number > 0: return number
    default: throw fault("volume is no number above 0", "write volume = 200, messages an hour")
    }
  }

  private func text(_ name: String) throws(PolicyError) -> String? {
    switch table[name] {
    case .none: return nil
    case .text(let text): return text
    default: throw fault("\(name) is no text", "write it in quotes")
    }
  }

  private func fault(_ problem: String, _ remedy: String) -> PolicyError {
    PolicyError(place: place, problem: "entry \(number): \(problem)", remedy: remedy)
  }

  private static func day(_ text: String) -> Instant? {
    Instant(rfc3339: text) ?? Instant(rfc3339: text + "T00:00:00Z")
  }
}
