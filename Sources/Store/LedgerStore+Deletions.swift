package import Events
import GRDB

/// Queued mail that is to be deleted: held until its time has come, so that it can be undone.
extension LedgerStore {
  package struct Deletion: Equatable, Sendable {
    package var subject: String
    package var ids: [String]
    package var planned: Instant
    package var due: Instant
    package var actor: String
    package var reason: String

    package init(
      subject: String, ids: [String], planned: Instant, due: Instant, actor: String, reason: String
    ) {
      (self.subject, self.ids, self.planned, self.due) = (subject, ids, planned, due)
      (self.actor, self.reason) = (actor, reason)
    }
  }

  /// A later one about the same subject takes the place of the earlier.
  package func plan(_ deletion: Deletion) throws(StoreError) {
    try write {
      try $0.execute(
        sql:
          "INSERT OR REPLACE INTO deletion (subject, ids, planned, due, actor, reason) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [
          deletion.subject, deletion.ids.joined(separator: " "), deletion.planned.microseconds,
          deletion.due.microseconds, deletion.actor, deletion.reason,
        ])
    }
  }

  /// - Returns: whether there was one.
  @discardableResult
  package func cancelDeletion(of subject: String) throws(StoreError) -> Bool {
    try write {
      try $0.execute(sql: "DELETE FROM deletion WHERE subject = ?", arguments: [subject])
      return $0.changesCount > 0
    }
  }

  /// It is done; one that was planned meanwhile stays.
  package func finish(_ deletion: Deletion) throws(StoreError) {
    try write {
      try $0.execute(
        sql: "DELETE FROM deletion WHERE subject = ? AND due = ?",
        arguments: [deletion.subject, deletion.due.microseconds])
    }
  }

  package func deletions(due time: Instant = .distantFuture) throws(StoreError) -> [Deletion] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM deletion WHERE due <= ? ORDER BY due",
        arguments: [time.microseconds]
      ).map {
        Deletion(
          subject: $0["subject"],
          ids: ($0["ids"] as String).split(separator: " ").map(String.init),
          planned: Instant(microseconds: $0["planned"]), due: Instant(microseconds: $0["due"]),
          actor: $0["actor"], reason: $0["reason"])
      }
    }
  }
}
