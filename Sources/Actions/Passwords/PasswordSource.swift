import Collectors
package import Events

/// A suspended account, of which it is asked whether its password was changed since.
package struct AwaitedAccount: Sendable, Hashable {
  package var account: String
  package var caseNumber: Int
  package var suspendedAt: Instant

  package init(account: String, caseNumber: Int, suspendedAt: Instant) {
    self.account = account
    self.caseNumber = caseNumber
    self.suspendedAt = suspendedAt
  }
}

/// Something that knows when an account's password was changed. Time stamps only, never a password.
package protocol PasswordSource: Sendable {
  /// As evidence and messages call it.
  var name: String { get }
  /// When the password was changed last; nil where the source knows of no change.
  ///
  /// - Parameter now: the time, where the source has none of its own.
  func lastChange(of awaited: AwaitedAccount, at now: Instant) async throws(ActionError) -> Instant?

  /// The earliest that the last change can have been, where its own time is only when it was seen.
  func earliest(of awaited: AwaitedAccount) async -> Instant?

  /// What it knows of an account now, in words, changing nothing.
  func finding(_ account: String, at now: Instant) async throws(ActionError) -> String
}

extension PasswordSource {
  package func earliest(of awaited: AwaitedAccount) async -> Instant? { nil }

  package func finding(_ account: String, at now: Instant) async throws(ActionError) -> String {
    let awaited = AwaitedAccount(account: account, caseNumber: 0, suspendedAt: .distantPast)
    guard let time = try await lastChange(of: awaited, at: now) else { return "no change is known" }
    return "changed at \(time.rfc3339(digits: 0))"
  }
}

/// A query that gives one time for an account: `SELECT MAX(timestamp) FROM log WHERE action='edit_password' AND
/// data=:user`.
///
/// Trap: a column that moves with every edit of the mailbox (PostfixAdmin's `modified`) opens accounts whose
/// password is as it was. Trap: a time without zone is the database's local one: the zone must be set.
package struct PasswordQuery: PasswordSource {
  package let name = "passwords.query"
  private let query: DatabaseQuery
  private let zone: TimeSpan?

  /// - Parameter zone: of times that have none; nil is this machine's.
  package init(_ query: DatabaseQuery, zone: TimeSpan?) { (self.query, self.zone) = (query, zone) }

  package func lastChange(of awaited: AwaitedAccount, at now: Instant) async throws(ActionError)
    -> Instant?
  {
    guard let text = try await query.cell(awaited.account), !text.isEmpty else { return nil }
    return try PasswordTime.read(text, name, zone, now)
  }
}

/// A program that prints the time of an account's last change, or nothing.
///
/// It is run without a shell; `:user` in its arguments stands for the account. Trap: what it calls a change is its
/// own matter; an account's creation is none.
package struct PasswordCommand: PasswordSource {
  package let name = "passwords.command"
  private let program: Program
  private let arguments: [String]
  private let zone: TimeSpan?

  package init(_ words: [String], zone: TimeSpan?) {
    program = Program(words.first ?? "")
    arguments = Array(words.dropFirst())
    self.zone = zone
  }

  package func lastChange(of awaited: AwaitedAccount, at now: Instant) async throws(ActionError)
    -> Instant?
  {
    // A name that begins so would be an option.
    guard !awaited.account.hasPrefix("-"), !awaited.account.contains("\0") else { return nil }
    let result = try await program.run(
      arguments.map { $0.replacing(":user", with: awaited.account) })
    guard result.status == 0 else {
      throw ActionError(
        place: "\(name): \(program.path)",
        problem:
          "ended with \(result.status): \(result.errors.prefix(200).replacing("\n", with: " "))",
        remedy: "run it by hand; for an account without a change it prints nothing and ends with 0")
    }
    let text = result.output.split(separator: "\n").first.map(String.init) ?? ""
    return text.isEmpty ? nil : try PasswordTime.read(text, name, zone, now)
  }
}

enum PasswordTime {
  static func read(_ text: String, _ name: String, _ zone: TimeSpan?, _ now: Instant)
    throws(ActionError) -> Instant
  {
    guard let time = TimeText.instant(text, LogClock(zone: zone, reference: now)) else {
      throw ActionError(
        place: name, problem: "'\(text.prefix(60))' is no time",
        remedy: "give it as 2026-11-24T03:26:14Z, 2026-11-24 03:26:14 or seconds since 1970")
    }
    // Clocks of two machines differ by a little; hours are a zone that is wrong.
    guard time <= now + TimeSpan(seconds: 5) else {
      throw ActionError(
        place: name, problem: "\(time.rfc3339(digits: 0)) is in the future",
        remedy: "set passwords.zone to the zone of the times it gives, and check both clocks")
    }
    return time
  }
}
