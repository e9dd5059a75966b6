import Events
import Glibc

/// One lmdb table of Postfix with its text source.
///
/// The text source is replaced whole; the `.lmdb` is changed only in place by postmap: an lmdb file that is
/// renamed does not reach a session that has the old one open.
struct LookupTable: Sendable {
  let path: String
  private let postmap: Program
  private let configuration: [String]

  /// - Parameter configuration: Postfix's folder where it is not /etc/postfix.
  init(path: String, postmap: String, configuration: String?) {
    self.path = path
    self.postmap = Program(postmap)
    self.configuration = PostfixInstance.options(configuration)
  }

  /// Puts one entry right and reads it back; the source gets all of them.
  /// - Parameter entries: all that are to be there afterwards.
  /// - Returns: what Postfix finds now.
  @discardableResult
  func put(_ key: String, of entries: [String: String]) async throws(ActionError) -> String? {
    try writeSource(entries)
    if !isThere {
      // Postmap would make one that has this entry alone.
      try await compile()
    } else if let wanted = entries[key] {
      try await change(["-r", "-i"], input: "\(key) \(wanted)\n")
    } else {
      try await change(["-d", key], input: "", mayFail: true)
    }
    let seen = try await lookUp(key)
    guard seen == entries[key] else {
      throw ActionError(
        place: path, problem: "after postmap \(key) reads \(seen ?? "nothing")",
        remedy: "run 'postmap \(path)' and see what it says")
    }
    return seen
  }

  /// Makes the whole table anew, in place: at start, and where the table was lost.
  func rebuild(_ entries: [String: String]) async throws(ActionError) {
    try writeSource(entries)
    try await compile()
  }

  private var isThere: Bool { unsafe access(path + ".lmdb", F_OK) == 0 }

  /// Makes the table of its source as it stands.
  func compile() async throws(ActionError) { try await change([], input: "") }

  func lookUp(_ key: String) async throws(ActionError) -> String? {
    let result = try await postmap.run(configuration + ["-q", key, "lmdb:\(path)"])
    if result.status == 0 {
      return result.output.split(separator: "\n").first.map(String.init)
    }
    // Postmap ends with 1 where there is no such entry, and where it could not look.
    guard result.status == 1, !result.errors.contains("fatal:") else {
      throw fault(
        result.errors, remedy: "see that the table is there and that main.cf has no error")
    }
    return nil
  }

  /// Puts right what differs from what is to be there.
  /// - Returns: what was wrong, in words; nil where nothing was.
  func mend(_ entries: [String: String]) async throws(ActionError) -> String? {
    let seen = try? await content()
    if let seen, seen == entries { return nil }
    try await rebuild(entries)
    let again = try await content()
    guard again == entries else {
      throw ActionError(
        place: path, problem: "does not hold what is written into it",
        remedy: "see who else writes to it, and that postmap may")
    }
    guard let seen else { return "\(path) could not be read; it is made anew" }
    let wrong = Set(seen.keys).union(entries.keys).filter { seen[$0] != entries[$0] }.sorted()
    return "\(path) was changed by somebody: \(wrong.count) entries were wrong "
      + "(\(wrong.prefix(3).joined(separator: ", "))); it is right again"
  }

  private func content() async throws(ActionError) -> [String: String] {
    let result = try await postmap.run(configuration + ["-s", "lmdb:\(path)"])
    guard result.status == 0 else {
      throw fault(result.errors, remedy: "see that the table is there")
    }
    var entries: [String: String] = [:]
    for line in result.output.split(separator: "\n") {
      guard let blank = line.firstIndex(where: { $0 == " " || $0 == "\t" }) else { continue }
      entries[String(line[..<blank])] = String(line[blank...].drop { $0 == " " || $0 == "\t" })
    }
    return entries
  }

  private func writeSource(_ entries: [String: String]) throws(ActionError) {
    let lines = entries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
    try SafeFile.write("# Written by Sperrwerk; changes are lost.\n" + lines.joined(), to: path)
  }

  private func change(_ options: [String], input: String, mayFail: Bool = false)
    async throws(ActionError)
  {
    let result = try await postmap.run(
      configuration + options + ["lmdb:\(path)"], input: input)
    guard result.status == 0 || mayFail else {
      throw fault(
        result.errors, remedy: "install postfix-lmdb, and see that postmap may write there")
    }
  }

  private func fault(_ errors: String, remedy: String) -> ActionError {
    ActionError(place: path, problem: "postmap: \(errors.prefix(200))", remedy: remedy)
  }
}
