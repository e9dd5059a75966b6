package import Events
import Foundation

/// What is known of suspended accounts' passwords, as a small file of ours: how the stored hash looked at the
/// suspension, as a keyed hash, and which changes were told already. Only of accounts whose cases are open.
package actor PasswordBook {
  private struct Entry: Codable {
    var caseNumber: Int
    /// By source: the hash's keyed hash, when it was seen to be another one, and the change told last.
    var prints: [String: String] = [:]
    var changedAt: [String: Instant] = [:]
    var toldOf: [String: Instant] = [:]
    /// By source: when it was looked at last, and when for the last time before the change was seen.
    var lookedAt: [String: Instant]? = nil
    var sameUntil: [String: Instant]? = nil
  }

  private let path: String
  private var entries: [String: Entry] = [:]
  /// Looks that are not written down yet.
  private var hasLooked = false

  /// - Parameter path: a file that cannot be read is an empty one: each account is then looked at anew.
  package init(path: String) {
    self.path = path
    if let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode([String: Entry].self, from: data)
    {
      entries = found
    }
  }

  private func entry(_ awaited: AwaitedAccount) -> Entry {
    if let known = entries[awaited.account], known.caseNumber == awaited.caseNumber { return known }
    return Entry(caseNumber: awaited.caseNumber)
  }

  /// - Returns: when the account's hash was seen to be another one than at its suspension.
  func look(_ awaited: AwaitedAccount, _ source: String, _ print: String, at now: Instant)
    throws(ActionError) -> Instant?
  {
    var entry = entry(awaited)
    let known = entry.prints[source]
    let before = entry.lookedAt?[source] ?? awaited.suspendedAt
    entry.lookedAt = (entry.lookedAt ?? [:]).merging([source: now]) { $1 }
    defer { entries[awaited.account] = entry }
    if known == print {
      hasLooked = true
      return entry.changedAt[source]
    }
    entry.prints[source] = print
    if known != nil {
      entry.changedAt[source] = now
      entry.sameUntil = (entry.sameUntil ?? [:]).merging([source: before]) { $1 }
    }
    entries[awaited.account] = entry
    try write()
    return entry.changedAt[source]
  }

  /// - Returns: when the hash was still the old one, before it was seen to be another.
  func sameUntil(_ awaited: AwaitedAccount, _ source: String) -> Instant? {
    entry(awaited).sameUntil?[source]
  }

  /// Whether a change is later than the suspension and was not told yet.
  package func isNew(_ time: Instant, _ source: String, _ awaited: AwaitedAccount) -> Bool {
    time > awaited.suspendedAt && time > entry(awaited).toldOf[source] ?? .distantPast
  }

  package func told(_ time: Instant, _ source: String, _ awaited: AwaitedAccount)
    throws(ActionError)
  {
    var entry = entry(awaited)
    entry.toldOf[source] = time
    entries[awaited.account] = entry
    try write()
  }

  /// Forgets all but the accounts whose cases are open, and writes down that they were looked at.
  package func keep(only open: Set<String>) throws(ActionError) {
    let before = entries.count
    entries = entries.filter { open.contains($0.key) }
    if entries.count != before || hasLooked { try write() }
  }

  private func write() throws(ActionError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Texts and times: nothing of them cannot be encoded.
    let data = (try? encoder.encode(entries)) ?? Data()
    hasLooked = false
    try SafeFile.write(String(decoding: data, as: UTF8.self), to: path, mode: 0o600)
  }
}
