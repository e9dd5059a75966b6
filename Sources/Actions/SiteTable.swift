package import Events
import Foundation
import Glibc

/// The file of login names behind `authorized_submit_users = !PATH, static:all`: the websites that may not
/// hand over mail. Postfix reads it at each call of sendmail.
package struct SiteTable: Sendable {
  package let path: String
  private let postfix: PostfixSettings
  /// Where websites can be held.
  private let held: HeldSites

  package init(path: String, postfix: PostfixSettings, held: HeldSites) {
    (self.path, self.postfix, self.held) = (path, postfix, held)
  }

  package func apply(_ uid: Int32, _ standing: Standing) async throws(ActionError) -> String {
    if standing.sites[uid] == .suspended, Self.user(uid) == nil {
      throw ActionError(
        place: "uid \(uid)", problem: "has no login name, and Postfix stops websites by name",
        remedy: "give it an entry in passwd")
    }
    // What it hands over the moment it may must not be kept back any more.
    let entry = try await held.isInstalled ? try await held.apply(uid, standing) : nil
    try write(standing)
    switch standing.sites[uid] {
    case .suspended:
      try await checkThatItIsRead()
      return "\(Self.user(uid) ?? "") stands in \(path)"
    case .held:
      return entry
        ?? "a website cannot be held here: it goes on sending until the grace is over "
        + "(pickup's header_checks do not ask lmdb:\(held.path))"
    case nil: return "not in \(path)"
    }
  }

  package func rebuild(_ standing: Standing) async throws(ActionError) {
    try write(standing)
    if try await held.isInstalled { try await held.rebuild(standing) }
  }

  /// Puts right what somebody has changed.
  /// - Returns: what was wrong.
  package func mend(_ standing: Standing) async throws(ActionError) -> [String] {
    var wrong: [String] = []
    if content != names(standing) {
      try write(standing)
      wrong.append("\(path) was changed by somebody; it is right again")
    }
    if !standing.sites.isEmpty { try await checkThatItIsRead() }
    if try await held.isInstalled, let fault = try await held.mend(standing) {
      wrong.append(fault)
    }
    return wrong
  }

  private var content: String? { try? String(contentsOfFile: path, encoding: .utf8) }

  private func names(_ standing: Standing) -> String {
    standing.sites.filter { $0.value == .suspended }.keys.sorted().compactMap(Self.user)
      .map { $0 + "\n" }.joined()
  }

  private func write(_ standing: Standing) throws(ActionError) {
    try SafeFile.write(names(standing), to: path)
    guard content == names(standing) else {
      throw ActionError(
        place: path, problem: "reads back otherwise than it was written",
        remedy: "see who else writes to it")
    }
  }

  private func checkThatItIsRead() async throws(ActionError) {
    let users = try await postfix.setting("authorized_submit_users")
    guard users.contains("!\(path)") else {
      throw ActionError(
        place: "main.cf",
        problem: "authorized_submit_users is '\(users)': websites go on sending",
        remedy: "set authorized_submit_users = !\(path), static:all")
    }
  }

  /// The login name of a uid, where the host has one.
  package static func user(_ uid: Int32) -> String? {
    guard let entry = unsafe getpwuid(uid_t(bitPattern: uid)) else { return nil }
    return unsafe String(cString: entry.pointee.pw_name)
  }
}
