package import Events
import GRDB
import Glibc

/// Backup, retention, and what a person may ask to have forgotten.
extension LedgerStore {
  /// A sound copy while the service runs, that nobody else may read.
  /// - Throws: where the file is there already: an older backup is not written over.
  package func backup(to path: String) throws(StoreError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StoreError(
        place: path, problem: SystemFault().text,
        remedy: "name a new file in a folder that the service may write")
    }
    close(descriptor)
    do {
      // By a connection of its own: the loop's writes do not wait while it copies.
      var reading = Configuration()
      reading.readonly = true
      reading.busyMode = .timeout(5)
      let source = try DatabaseQueue(path: self.path, configuration: reading)
      let copy = try DatabaseQueue(path: path)
      try source.read { database in try Self.copy(database, to: copy) }
      try source.close()
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

  /// The longest that an operator's entry of the lists may hold; and a pause.
  private static let entryLife = TimeSpan(seconds: 366 * 86_400)

  /// Deletes the cases that have been over since before `time`, and words to the operator older than that.
  /// - Returns: how many steps are gone.
  @discardableResult
  package func expire(before time: Instant) throws(StoreError) -> Int {
    try write { database in
      try database.execute(
        sql: """
          DELETE FROM transition_ WHERE (case_number IS NULL AND time < ?
              AND action NOT IN ('allow', 'disallow', 'pause', 'resume'))
            OR (action IN ('allow', 'disallow', 'pause', 'resume') AND time < ?) OR case_number IN (
            SELECT case_number FROM transition_ AS last WHERE step = (
              SELECT max(step) FROM transition_ WHERE case_number = last.case_number
                AND action NOT IN ('done', 'failed', 'notify', 'notify_restored', 'notified'))
            AND action IN ('watch', 'closed', 'release', 'dismiss') AND time < ?)
          """,
        arguments: [
          time.microseconds, (time - Self.entryLife).microseconds, time.microseconds,
        ])
      return database.changesCount
    }
  }

  /// Deletes what is known of an account whose cases are over.
  /// - Returns: how many steps are gone.
  package func forget(_ subject: String) throws(StoreError) -> Int {
    let count = try write { database in
      try database.execute(
        sql: "DELETE FROM transition_ WHERE subject = ?", arguments: [subject])
      let count = database.changesCount
      try database.execute(sql: "DELETE FROM alert WHERE subject = ?", arguments: [subject])
      return count
    }
    // The write-ahead log still has the pages as they were.
    do {
      _ = try writeWithoutTransaction { try $0.checkpoint(.truncate) }
    } catch {
      throw Self.fault(path, error)
    }
    return count
  }
}
