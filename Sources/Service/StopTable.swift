package import Events
import Synchronization

/// Whose sending is stopped, as the policy service answers it: written by the loop, read at each request.
package final class StopTable: Sendable {
  private let standing = Mutex(Standing())

  package init() {}

  /// Opens one subject, before the loop says so of all.
  package func open(_ subject: String) { standing.withLock { $0[subject] = nil } }

  package func update(_ new: Standing) { standing.withLock { $0 = new } }

  /// - Parameter subject: a canonical login, or `uid:5012`.
  package func stop(of subject: String) -> Standing.Stop? {
    standing.withLock { $0[subject] }
  }
}
