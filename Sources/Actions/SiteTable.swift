package import Events
import Foundation

/// The file of login names behind `authorized_submit_users = !PATH, static:all`: the websites that may not
/// hand over mail. Postfix reads it at each call of sendmail.
package struct SiteTable: Sendable {
  package typealias Name = @Sendable (Int32) throws(ActionError) -> String?

  package let path: String
  private let postfix: PostfixSettings
  /// Where websites can be held.
  private let held: HeldSites
  private let name: Name

  /// - Parameter name: the login name of a uid, where the host has one.
  package init(
    path: String, postfix: PostfixSettings, held: HeldSites, name: @escaping Name = LoginName.of
  ) {
    (self.path, self.postfix, self.held, self.name) = (path, postfix, held, name)
  }

  package func apply(_ uid: Int32, _ standing: Standing) async throws(ActionError) -> String {
    switch standing.sites[uid] {
    case .suspended: try await suspend(uid, standing)
    case .held: try await hold(uid, standing)
    case nil: try await open(uid, standing)
    }
  }

  package func rebuild(_ standing: Standing) async throws(ActionError) {
    var parts = EachPart()
    await parts.run { () throws(ActionError) in
      let names = names(standing)
      try write(names)
      if let fault = names.fault { throw fault }
    }
    await parts.run { () async throws(ActionError) in
      if try await held.isInstalled { try await held.rebuild(standing) }
    }
    try parts.end()
  }

  /// Puts right what somebody has changed.
  /// - Returns: what was wrong.
  package func mend(_ standing: Standing) async throws(ActionError) -> [String] {
    var wrong: [String] = []
    var parts = EachPart()
    await parts.run { () throws(ActionError) in
      let names = names(standing)
      if content != names.text {
        try write(names)
        wrong.append("\(path) was changed by somebody; it is right again")
      }
      if let fault = names.fault { throw fault }
    }
    await parts.run { () async throws(ActionError) in
      if !standing.sites.isEmpty { try await checkThatItIsRead() }
    }
    await parts.run { () async throws(ActionError) in
      if try await held.isInstalled, let fault = try await held.mend(standing) {
        wrong.append(fault)
      }
    }
    try parts.end()
    return wrong
  }

  // MARK: One website

  private func suspend(_ uid: Int32, _ standing: Standing) async throws(ActionError) -> String {
    guard let own = try name(uid) else { throw Self.nameless(uid) }
    // First the list: it alone stops what is handed over from now on.
    var parts = EachPart()
    await parts.run { () throws(ActionError) in try write(names(standing)) }
    await parts.run { () async throws(ActionError) in try await checkThatItIsRead() }
    await parts.run { () async throws(ActionError) in _ = try await hold(entryOf: uid, standing) }
    try parts.end()
    return "\(own) stands in \(path)"
  }

  private func hold(_ uid: Int32, _ standing: Standing) async throws(ActionError) -> String {
    // What it hands over the moment it may must be kept back already.
    var parts = EachPart()
    let entry = await parts.run { () async throws(ActionError) in
      try await hold(entryOf: uid, standing)
    }
    await parts.run { () throws(ActionError) in try write(names(standing, without: uid)) }
    try parts.end()
    return (entry ?? nil)
      ?? "a website cannot be held here: it goes on sending until the grace is over "
      + "(pickup's header_checks do not ask lmdb:\(held.path))"
  }

  private func open(_ uid: Int32, _ standing: Standing) async throws(ActionError) -> String {
    // What it hands over the moment it may must not be kept back any more.
    var parts = EachPart()
    await parts.run { () async throws(ActionError) in _ = try await hold(entryOf: uid, standing) }
    await parts.run { () throws(ActionError) in try write(names(standing, without: uid)) }
    try parts.end()
    return "not in \(path)"
  }

  /// - Returns: nil where websites cannot be held.
  private func hold(entryOf uid: Int32, _ standing: Standing) async throws(ActionError) -> String? {
    guard try await held.isInstalled else { return nil }
    return try await held.apply(uid, standing)
  }

  // MARK: The list

  /// What is to stand in the file.
  private struct Names {
    var text: String
    /// Why a website that is to be in it cannot be named now.
    var fault: ActionError?
  }

  private var content: String? { try? String(contentsOfFile: path, encoding: .utf8) }

  private func names(_ standing: Standing) -> Names {
    var names: [String] = []
    var fault: ActionError?
    for uid in standing.sites.filter({ $0.value == .suspended }).keys {
      do throws(ActionError) {
        guard let name = try name(uid) else { throw Self.nameless(uid) }
        names.append(name)
      } catch {
        fault = fault ?? error
      }
    }
    if fault != nil {
      // One of these may be the website that has no name now: none goes out.
      let kept = (content ?? "").split(separator: "\n").map(String.init)
      names += kept
    }
    return Names(text: Set(names).sorted().map { $0 + "\n" }.joined(), fault: fault)
  }

  /// - Parameter opened: may hand over mail again, whatever is not known of others.
  private func names(_ standing: Standing, without opened: Int32) throws(ActionError) -> Names {
    var names = names(standing)
    guard names.fault != nil else { return names }
    let own = try name(opened)
    names.text = names.text.split(separator: "\n").filter { $0 != own ?? "" }
      .map { $0 + "\n" }.joined()
    return names
  }

  private func write(_ names: Names) throws(ActionError) {
    try SafeFile.write(names.text, to: path)
    guard content == names.text else {
      throw ActionError(
        place: path, problem: "reads back otherwise than it was written",
        remedy: "see who else writes to it")
    }
  }

  private static func nameless(_ uid: Int32) -> ActionError {
    ActionError(
      place: "uid \(uid)", problem: "has no login name, and Postfix stops websites by name",
      remedy: "give it an entry in passwd")
  }

  private func checkThatItIsRead() async throws(ActionError) {
    let users = try await postfix.setting("authorized_submit_users")
    guard SubmitUsers(users).refuses(path) else {
      throw ActionError(
        place: "main.cf",
        problem: "authorized_submit_users is '\(users)': websites go on sending",
        remedy: "set authorized_submit_users = !\(path), static:all")
    }
  }
}
