import Events
import Foundation

/// What a dry run kept beside the ledger of the service that acts: accounts and log lines too, and nobody asks for
/// them any more.
struct DryRunRemains {
  let state: String

  private var paths: [String] {
    ["dry-run.db", "dry-run.db-wal", "dry-run.db-shm", "dry-run"].map { "\(state)/\($0)" }
  }

  /// - Returns: whether it was written to last before `time`.
  func isOlder(than time: Instant) -> Bool {
    let changes = paths.compactMap { SourceOptions.lastChange($0) }
    return changes.max().map { $0 < time } ?? false
  }

  /// - Returns: whether there was anything.
  @discardableResult
  func delete() -> Bool {
    let there = paths.filter { FileManager.default.fileExists(atPath: $0) }
    for path in there { try? FileManager.default.removeItem(atPath: path) }
    return !there.isEmpty
  }
}
