/// `authorized_submit_users` of main.cf: who may hand over mail by sendmail(1).
///
/// Postfix goes through it from the left, and the first entry that fits a user decides. Source: postconf(5).
package struct SubmitUsers: Sendable {
  private let entries: [Substring]

  package init(_ text: String) { entries = text.split { $0 == "," || $0.isWhitespace } }

  /// Whether those who stand in a file are refused: it is asked before an entry that fits everybody.
  package func refuses(_ file: String) -> Bool {
    guard let place = entries.firstIndex(where: { $0 == "!\(file)" }) else { return false }
    return !entries[..<place].contains(where: Self.isForAll)
  }

  /// Whether the file must be there: the programs read all of them before they ask.
  package func names(_ file: String) -> Bool {
    entries.contains { $0.drop { $0 == "!" } == file }
  }

  /// Those before the file's entry: they may hand over mail though they stand in it.
  package func excused(from file: String) -> [String] {
    guard refuses(file) else { return [] }
    return entries.prefix { $0 != "!\(file)" }.filter { !$0.hasPrefix("!") }.map(String.init)
  }

  private static func isForAll(_ entry: Substring) -> Bool {
    let bare = entry.drop { $0 == "!" }
    return bare.hasPrefix("static:") || bare == "all"
  }
}
