import Crypto
package import Events
import Foundation

/// Tells by the stored hash whether a password was changed: it is another one than at the suspension. The time of
/// the change is when that is seen. Only a keyed hash of the hash is kept, and only while the case is open. Where the
/// key or the source becomes another one, it begins anew and says so: any hash would look changed.
///
/// Traps: a rehash at login (another scheme or cost) is another hash too, and the same password set again has a new
/// salt: this proves that the record was changed, and not that the secret is new.
package struct PasswordFingerprint: PasswordSource {
  /// Where the hash stands.
  package enum Place: Sendable {
    /// Dovecot's passwd-file: `account:{SCHEME}hash:…`.
    case file(String)
    case query(DatabaseQuery)
  }

  package let name: String
  private let place: Place
  private let keyPath: String
  private let book: PasswordBook

  /// - Parameter key: a file of ours with the key; it is made at the first use.
  package init(_ place: Place, key: String, book: PasswordBook) throws(ActionError) {
    self.place = place
    self.book = book
    name =
      switch place {
      case .file: "passwords.passwd_file"
      case .query(let query): query.name
      }
    keyPath = key
    _ = try storedKey()
  }

  /// The key that is there; nil where there is none yet.
  private func storedKey() throws(ActionError) -> SymmetricKey? {
    guard let data = FileManager.default.contents(atPath: keyPath) else {
      guard !FileManager.default.fileExists(atPath: keyPath) else {
        throw ActionError(
          place: keyPath, problem: "cannot be read", remedy: "let this user read the key")
      }
      return nil
    }
    guard data.count >= 32 else {
      throw ActionError(
        place: keyPath, problem: "is too short for a key", remedy: "remove it: a new one is made")
    }
    return SymmetricKey(data: data)
  }

  private func makeKey() throws(ActionError) -> SymmetricKey {
    let fresh = SymmetricKey(size: .bits256)
    let text = unsafe fresh.withUnsafeBytes { unsafe HexText.of($0) }
    try SafeFile.write(text, to: keyPath, mode: 0o600)
    return SymmetricKey(data: Data(text.utf8))
  }

  package func lastChange(of awaited: AwaitedAccount, at now: Instant) async throws(ActionError)
    -> Instant?
  {
    guard let hash = try await hash(awaited.account) else { return nil }
    let key = if let stored = try storedKey() { stored } else { try makeKey() }
    func print(_ text: String) -> String {
      HexText.of(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
    }
    return try await book.look(awaited, name, print(hash), of: print(origin), at: now)
  }

  /// Where the hashes come from: those of another place differ without any change.
  private var origin: String {
    switch place {
    case .file(let path): path
    case .query(let query): query.origin
    }
  }

  package func earliest(of awaited: AwaitedAccount) async -> Instant? {
    await book.sameUntil(awaited, name)
  }

  package func finding(_ account: String, at now: Instant) async throws(ActionError) -> String {
    try await hash(account) == nil
      ? "has no such account"
      : "has a hash; whether it was changed shows against one kept at a suspension"
  }

  private func hash(_ account: String) async throws(ActionError) -> String? {
    switch place {
    case .query(let query): return try await query.cell(account)
    case .file(let path):
      guard let data = FileManager.default.contents(atPath: path) else {
        throw ActionError(
          place: path, problem: "cannot be read",
          remedy: "correct passwords.passwd_file, and let this user read it")
      }
      return Self.hash(account, in: data)
    }
  }

  /// - Returns: what stands behind the account, else behind one that differs in the case of letters: Dovecot takes
  ///   logins in any (`auth_username_format`), and the engine knows them in lower case.
  private static func hash(_ account: String, in data: Data) -> String? {
    var alike: String?
    for line in data.split(separator: 10) {
      let parts = line.split(
        separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count > 1, parts[0].count == account.utf8.count else { continue }
      let (name, hash) = (
        String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self)
      )
      if name == account { return hash }
      if alike == nil, name.lowercased() == account.lowercased() { alike = hash }
    }
    return alike
  }
}
