package import Events

/// The lookup table that goes on stopping accounts while the service is away: `check_sasl_access lmdb:PATH`.
package struct PostfixTable: Sendable {
  /// What the customer's mail program shows.
  package let text: String
  private let table: LookupTable

  package var path: String { table.path }

  /// - Parameter configuration: Postfix's folder where it is not /etc/postfix.
  package init(path: String, text: String, postmap: String, configuration: String?) {
    self.text = SMTPText.safe(text)
    table = LookupTable(path: path, postmap: postmap, configuration: configuration)
  }

  func action(_ stop: Standing.Stop) -> String {
    switch stop {
    case .suspended: "REJECT 5.7.1 \(text)"
    case .held: "HOLD sending is \(Standing.heldReason)"
    }
  }

  /// Whether a login can stand in it.
  package func canName(_ login: String) -> Bool { SMTPText.isTableKey(login) }

  /// Puts one account's entry right and reads it back.
  package func apply(_ login: String, _ standing: Standing) async throws(ActionError) -> String {
    guard canName(login) else {
      throw ActionError(
        place: path, problem: "the login '\(login)' cannot stand in a table",
        remedy: "set up the policy service, which can stop it, or change the login")
    }
    guard let seen = try await table.put(login, of: entries(standing)) else {
      return "no entry in \(path)"
    }
    return "'\(seen)' read back from \(path)"
  }

  /// Makes the whole table anew, in place: at start, and where the table was lost.
  package func rebuild(_ standing: Standing) async throws(ActionError) {
    try await table.rebuild(entries(standing))
  }

  /// - Returns: what was wrong and is right again; nil where nothing was.
  package func mend(_ standing: Standing) async throws(ActionError) -> String? {
    try await table.mend(entries(standing))
  }

  package func lookUp(_ login: String) async throws(ActionError) -> String? {
    try await table.lookUp(login)
  }

  private func entries(_ standing: Standing) -> [String: String] {
    standing.accounts.filter { SMTPText.isTableKey($0.key) }.mapValues(action)
  }
}

/// What may stand in an SMTP reply and in a table.
package enum SMTPText {
  /// One line of printable ASCII, at most 200 bytes: 8-bit text in a reply reaches clients garbled.
  package static func safe(_ text: String) -> String {
    let plain = text.unicodeScalars.map { $0.value >= 32 && $0.value < 127 ? Character($0) : "?" }
    return String(plain.prefix(200))
  }

  /// No blanks, quotes or control characters, and nothing that postmap takes for a comment.
  package static func isTableKey(_ login: String) -> Bool {
    !login.isEmpty && login.utf8.count <= 255
      && login.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 34 && $0 != 92 }
      && !login.hasPrefix("#") && !login.hasPrefix("-")
  }
}
