package import Events
import GRDB

/// Backup, retention, and what a person may ask to have forgotten.
extension LedgerStore {
  /// A sound copy while the service runs.
  package func backup(to path: String) throws(StoreError) {
    do {
      let copy = try DatabaseQueue(path: path)
      try read { source in try Self.copy(source, to: copy) }
      try copy.close()
    } catch let error as StoreError {
      throw error
    } catch {
      throw Self.fault(path, error)
    }
  }

  private static func copy(_ source: Database, to copy: DatabaseQueue) throws {
    try copy.inDatabase { try source.backup(to: $0) }
  }

  /// Deletes the cases that have been over since before `time`, and words to the operator older than that.
  /// - Returns: how many steps are gone.
  @discardableResult
  package func expire(before time: Instant) throws(StoreError) -> Int {
    try write { database in
      try database.execute(
        sql: """
          DELETE FROM transition_ WHERE (case_number IS NULL AND time < ?) OR case_number IN (
            SELECT case_number FROM transition_ AS last WHERE step = (
              SELECT max(step) FROM transition_ WHERE case_number = last.case_number
                AND action NOT IN ('done', 'failed'))
            AND action IN ('closed', 'release', 'dismiss') AND time < ?)
          """, arguments: [time.microseconds, time.microseconds])
      return database.changesCount
    }
  }

  /// Deletes what is known of an account whose cases are over.
  /// - Returns: how many steps are gone.
  package func forget(_ subject: String) throws(StoreError) -> Int {
    try write { database in
      try database.execute(
        sql: "DELETE FROM transition_ WHERE subject = ?", arguments: [subject])
      return database.changesCount
    }
  }
}
