package import Events

/// The lookup table that goes on stopping accounts while the service is away: `check_sasl_access lmdb:PATH`.
///
/// The text source is replaced whole; the `.lmdb` is changed only in place by postmap: an lmdb file that is
/// renamed does not reach a session that has the old one open.
package struct PostfixTable: Sendable {
  package let path: String
  /// What the customer's mail program shows.
  package let text: String
  private let postmap: Program
  private let configuration: [String]

  /// - Parameter configuration: Postfix's folder where it is not /etc/postfix.
  package init(path: String, text: String, postmap: String, configuration: String?) {
    self.path = path
    self.text = SMTPText.safe(text)
    self.postmap = Program(postmap)
    self.configuration = configuration.map { ["-c", $0] } ?? []
  }

  func action(_ stop: Standing.Stop) -> String {
    switch stop {
    case .suspended: "REJECT 5.7.1 \(text)"
    case .held: "HOLD sending is held for a check"
    }
  }

  /// Puts one account's entry right and reads it back; the source gets all of them.
  package func apply(_ login: String, _ standing: Standing) async throws(ActionError) -> String {
    guard SMTPText.isTableKey(login) else {
      throw ActionError(
        place: path, problem: "the login '\(login)' cannot stand in a table",
        remedy: "the policy service stops it while it runs; change the login")
    }
    try writeSource(standing)
    let wanted = standing.accounts[login].map(action)
    if let wanted {
      try await change(["-r", "-i"], input: "\(login) \(wanted)\n")
    } else {
      try await change(["-d", login], input: "", mayFail: true)
    }
    let seen = try await lookUp(login)
    guard seen == wanted else {
      throw ActionError(
        place: path, problem: "after postmap \(login) reads \(seen ?? "nothing")",
        remedy: "run 'postmap \(path)' and see what it says")
    }
    return wanted == nil ? "no entry in \(path)" : "'\(wanted ?? "")' read back from \(path)"
  }

  /// Makes the whole table anew, in place: at start, and where the table was lost.
  package func rebuild(_ standing: Standing) async throws(ActionError) {
    try writeSource(standing)
    try await change([], input: "")
  }

  package func lookUp(_ login: String) async throws(ActionError) -> String? {
    let result = try await postmap.run(configuration + ["-q", login, "lmdb:\(path)"])
    return result.status == 0 ? result.output.split(separator: "\n").first.map(String.init) : nil
  }

  private func writeSource(_ standing: Standing) throws(ActionError) {
    let lines = standing.accounts.filter { SMTPText.isTableKey($0.key) }
      .sorted { $0.key < $1.key }.map { "\($0.key) \(action($0.value))\n" }
    try SafeFile.write("# Written by Sperrwerk; changes are lost.\n" + lines.joined(), to: path)
  }

  private func change(_ options: [String], input: String, mayFail: Bool = false)
    async throws(ActionError)
  {
    let result = try await postmap.run(
      configuration + options + ["lmdb:\(path)"], input: input)
    guard result.status == 0 || mayFail else {
      throw ActionError(
        place: path, problem: "postmap: \(result.errors.prefix(200))",
        remedy: "install postfix-lmdb, and see that postmap may write there")
    }
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
