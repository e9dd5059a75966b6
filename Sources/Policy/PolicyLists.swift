package import Events
import Lua

/// What operators allow, protect and limit: data with an end.
package struct PolicyLists: Sendable {
  package struct Entry: Sendable {
    package enum Kind: String, CaseIterable, Sendable { case allow, protect, limit }

    package var kind: Kind
    /// The login in lower case, or `uid:5012`.
    package var subject: String
    /// Of `allow`: the policy that does not count, or the network that is known.
    package var policy: String?
    package var network: String?
    /// Of `limit`: messages an hour that are this subject's own volume.
    package var volume: Double?
    package var from, until: Instant
    package var reason: String
    package var place: String

    package init(
      kind: Kind, subject: String, policy: String?, network: String?, volume: Double?,
      from: Instant, until: Instant, reason: String, place: String
    ) {
      (self.kind, self.subject, self.policy) = (kind, subject, policy)
      (self.network, self.volume, self.from, self.until) = (network, volume, from, until)
      (self.reason, self.place) = (reason, place)
    }
  }

  package private(set) var entries: [Entry] = []

  package init() {}

  /// - Parameter value: a list of `{ allow = "anna@example.net", policy = "unusual-volume",
  ///   from = "2026-10-01", expires = "2026-12-31", reason = "…" }`.
  mutating func add(_ value: Value, file: String, source: [UInt8]) throws(PolicyError) {
    let lines = Self.entryLines(source)
    guard case .table(let table) = value, let list = table.sequence else {
      throw PolicyError(
        place: file, problem: "returns no list", remedy: "return { { allow = \"…\", … }, … }")
    }
    for (number, item) in list.enumerated() {
      guard case .table(let entry) = item else {
        throw PolicyError(
          place: file, problem: "entry \(number + 1) is no table",
          remedy: "write { allow = \"…\", … }")
      }
      entries.append(
        try read(entry, number < lines.count ? "\(file):\(lines[number])" : file, number + 1))
    }
  }

  /// The lines on which entries name whom they are about: Lua keeps no lines of tables.
  private static func entryLines(_ source: [UInt8]) -> [Int] {
    let kinds = Entry.Kind.allCases.map { "\($0.rawValue) =" }
    return String(decoding: source, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .filter { _, line in
        let text = line.drop { $0 == " " || $0 == "{" || $0 == "\t" }
        return kinds.contains { text.hasPrefix($0) }
      }.map { $0.offset + 1 }
  }

  private func read(_ table: Table, _ file: String, _ number: Int) throws(PolicyError) -> Entry {
    func fault(_ problem: String, _ remedy: String) -> PolicyError {
      PolicyError(place: file, problem: "entry \(number): \(problem)", remedy: remedy)
    }
    let kinds = Entry.Kind.allCases.map(\.rawValue)
    let known = kinds + ["policy", "network", "volume", "from", "expires", "reason"]
    var kind: Entry.Kind?
    var subject = ""
    for entry in table.entries {
      guard case .text(let key) = entry.key, known.contains(key) else {
        let key = if case .text(let text) = entry.key { text } else { "?" }
        throw fault("no field '\(key)'", NearMiss.remedy(key, among: known))
      }
      if let found = Entry.Kind(rawValue: key), case .text(let text) = entry.value {
        (kind, subject) = (found, text.lowercased())
      }
    }
    guard let kind else {
      throw fault("it neither allows, protects nor limits", "begin it with allow = \"LOGIN\"")
    }
    func text(_ name: String) -> String? {
      if case .text(let text) = table[name] { text } else { nil }
    }
    guard let reason = text("reason"), !reason.isEmpty else {
      throw fault("no reason", "add reason = \"…\"")
    }
    guard let from = text("from").flatMap(Self.day), let until = text("expires").flatMap(Self.day)
    else {
      throw fault(
        "from and expires are needed", "write from = \"2026-10-01\", expires = \"2026-12-31\"")
    }
    guard from < until, until - from <= TimeSpan(seconds: 366 * 86_400) else {
      throw fault("expires must lie within a year after from", "renew the entry when it ends")
    }
    let volume = table["volume"].asNumber
    if kind == .allow, text("policy") == nil, text("network") == nil, volume == nil {
      throw fault("it allows everything", "name a policy, a network or a volume")
    }
    if kind == .limit, volume == nil {
      throw fault("no volume", "add volume = 200, messages an hour")
    }
    return Entry(
      kind: kind, subject: subject, policy: text("policy"), network: text("network"),
      volume: volume,
      from: from, until: until, reason: reason, place: "\(file) entry \(number)")
  }

  /// An entry that stands in no file.
  package mutating func add(_ entry: Entry) { entries.append(entry) }

  private static func day(_ text: String) -> Instant? {
    Instant(rfc3339: text) ?? Instant(rfc3339: text + "T00:00:00Z")
  }

  // MARK: Asking

  package func protects(_ subject: String, at now: Instant) -> Entry? {
    entries.first {
      $0.kind == .protect && $0.subject == subject && $0.from <= now && now < $0.until
    }
  }

  /// Whether `address` lies in a network that is known to be the subject's own.
  package func knows(_ subject: String, _ address: NetworkAddress, at now: Instant) -> Bool {
    entries.contains {
      $0.kind == .allow && $0.subject == subject && $0.from <= now && now < $0.until
        && ($0.network == address.networkDescription || $0.network == address.description)
    }
  }

  /// The messages an hour that are the subject's own volume; nil where nothing says so.
  /// - Parameter lifted: entries that began before this have been lifted.
  package func volume(_ subject: String, at now: Instant, lifted: Instant) -> Double? {
    entries.filter {
      $0.subject == subject && $0.kind != .protect && $0.from <= now && now < $0.until
        && $0.from > lifted
    }.compactMap(\.volume).max()
  }

  /// - Parameter lifted: entries that began before this have been lifted.
  package func allows(
    _ subject: String, policy: String, at now: Instant, lifted: Instant
  ) -> Entry? {
    entries.first {
      $0.kind == .allow && $0.subject == subject && $0.policy == policy && $0.from <= now
        && now < $0.until && $0.from > lifted
    }
  }
}
