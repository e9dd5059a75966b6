package import Events
import Foundation
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
            AND action IN ('closed', 'release', 'dismiss') AND time < ?)
          OR case_number IN (
            -- Nothing was stopped: it was watched, and is over with its last step.
            SELECT case_number FROM transition_ WHERE case_number IS NOT NULL GROUP BY case_number
            HAVING max(time) < ? AND sum(action IN ('hold', 'suspend')) = 0)
          """,
        arguments: [
          time.microseconds, (time - Self.entryLife).microseconds, time.microseconds,
          time.microseconds,
        ])
      return database.changesCount
    }
  }

  /// Deletes what is known of an account whose cases are over; where others' steps and alerts name it, the name goes.
  /// - Returns: how many steps are gone.
  package func forget(_ subject: String) throws(StoreError) -> Int {
    let count = try write { database in
      try database.execute(
        sql: "DELETE FROM transition_ WHERE subject = ?", arguments: [subject])
      let count = database.changesCount
      for table in ["alert", "deletion", "release_"] {
        try database.execute(sql: "DELETE FROM \(table) WHERE subject = ?", arguments: [subject])
      }
      for (table, column) in [("transition_", "reason"), ("alert", "text"), ("order_", "outcome")] {
        try Self.blank(subject, in: column, of: table, database)
      }
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

  private static func blank(
    _ name: String, in column: String, of table: String, _ database: Database
  ) throws {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT id, \(column) AS text FROM \(table) WHERE instr(lower(\(column)), ?) > 0",
      arguments: [name])
    for row in rows {
      let text: String = row["text"]
      let id: Int64 = row["id"]
      try database.execute(
        sql: "UPDATE \(table) SET \(column) = ? WHERE id = ?",
        arguments: [Self.without(name, in: text), id])
    }
  }

  /// A text in which somebody is not named any more; longer names that have this one in them stay.
  /// - Parameter name: in lower case.
  static func without(_ name: String, in text: String) -> String {
    var parts = ""
    var rest = text[...]
    while let found = rest.range(of: name, options: .caseInsensitive) {
      let before = rest[..<found.lowerBound].last ?? text[..<found.lowerBound].last
      let after = rest[found.upperBound...]
      // A full stop ends a sentence, or goes on with the name.
      let tail = after.first == "." ? after.dropFirst().first : after.first
      let isWhole = !isOfName(before) && !isOfName(tail)
      parts += rest[..<found.lowerBound] + (isWhole ? "(forgotten)" : rest[found])
      rest = after
    }
    return parts + rest
  }

  private static func isOfName(_ character: Character?) -> Bool {
    guard let character else { return false }
    return character.isLetter || character.isNumber || "@._+-".contains(character)
  }
}
