import Events
import Synchronization

/// The staff's users as their file has them, read again when it changes: each request asks.
final class StaffFile: Sendable {
  private struct Known {
    /// Nil where it came only after it was looked at.
    let mark: FileMark?
    let users: StaffUsers
    let since: ContinuousClock.Instant
  }

  private let path: String
  private let known = Mutex<Known?>(nil)
  /// A program that writes a file anew empties it first, for a moment.
  private static let rewriting = Duration.seconds(2)

  init(_ path: String) { self.path = path }

  func users() throws(WebError) -> StaffUsers { try current().users }

  /// Whether somebody who came in by a hash stands no more in the file, or with another one.
  ///
  /// - Returns: false also where the file is not well: a slip in one line must not throw out everybody who
  ///   is in. An alert says what is wrong with it.
  func hasStruck(_ name: String, hash: String) -> Bool {
    guard let known = try? current() else { return false }
    if known.users.hashes.isEmpty, .now - known.since < Self.rewriting { return false }
    return known.users.hashes[name] != hash
  }

  private func current() throws(WebError) -> Known {
    // Before it is read: what changes meanwhile is read at the next request.
    let mark = FileMark(path)
    if let mark, let known = known.withLock({ $0 }), known.mark == mark { return known }
    let fresh = Known(mark: mark, users: try StaffUsers.read(path), since: .now)
    known.withLock { $0 = fresh }
    return fresh
  }
}
