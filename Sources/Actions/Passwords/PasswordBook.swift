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
    /// By source: of what the keyed hash was taken, and with which key. Nil as older versions wrote it.
    var origins: [String: String]? = nil
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

  /// - Parameter origin: the key's and the source's own keyed hash: prints of another are not to be compared.
  /// - Returns: when the account's hash was seen to be another one than at its suspension.
  /// - Throws: once, where the origin is another one: what is there now then stands for the old password.
  func look(
    _ awaited: AwaitedAccount, _ source: String, _ print: String, of origin: String,
    at now: Instant
  ) throws(ActionError) -> Instant? {
    var entry = entry(awaited)
    let known = entry.prints[source]
    let isOther = known != nil && entry.origins?[source].map { $0 != origin } == true
    entry.origins = (entry.origins ?? [:]).merging([source: origin]) { $1 }
    let before = entry.lookedAt?[source] ?? awaited.suspendedAt
    entry.lookedAt = (entry.lookedAt ?? [:]).merging([source: now]) { $1 }
    defer { entries[awaited.account] = entry }
    if known == print {
      hasLooked = true
      return entry.changedAt[source]
    }
    entry.prints[source] = print
    if known != nil, !isOther {
      entry.changedAt[source] = now
      entry.sameUntil = (entry.sameUntil ?? [:]).merging([source: before]) { $1 }
    }
    entries[awaited.account] = entry
    try write()
    guard !isOther else { throw Self.otherOrigin(source) }
    return entry.changedAt[source]
  }

  private static func otherOrigin(_ source: String) -> ActionError {
    ActionError(
      place: source,
      problem:
        "the key, or what it names, is another one: whether passwords were changed before now is not known",
      remedy: "who says that his was is restored by staff, or changes it once more")
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
