package import Events
import Foundation
import GRDB

/// The ledger of cases and the outbox of orders, in one SQLite file: a decision and its order are one
/// transaction, so that neither is ever there without the other.
package final class LedgerStore: Sendable {
  package let path: String
  private let database: DatabaseQueue

  /// Opens or makes the file, and checks that it is sound.
  package init(_ path: String) throws(StoreError) {
    self.path = path
    do {
      var configuration = Configuration()
      configuration.foreignKeysEnabled = true
      // Longer and the loop would stand still: it tries again at its next turn.
      configuration.busyMode = .timeout(0.2)
      configuration.prepareDatabase { database in
        try database.execute(
          sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
      }
      database = try DatabaseQueue(path: path, configuration: configuration)
      let verdict = try database.read {
        try String.fetchOne($0, sql: "PRAGMA integrity_check") ?? "no answer"
      }
      guard verdict == "ok" else {
        throw StoreError(
          place: path, problem: "is damaged: \(verdict)",
          remedy: "put the last 'sperrwerk backup' in its place")
      }
      try Migrations.all.migrate(database)
    } catch let error as StoreError {
      throw error
    } catch {
      throw Self.fault(path, error)
    }
  }

  static func fault(_ path: String, _ error: any Error) -> StoreError {
    let text = (error as? DatabaseError)?.message ?? "\(error)"
    return StoreError(
      place: path, problem: text, remedy: "see that its folder is writable and has room")
  }

  func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do { return try database.write(body) } catch { throw Self.fault(path, error) }
  }

  func writeWithoutTransaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try database.writeWithoutTransaction(body)
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do { return try database.read(body) } catch { throw Self.fault(path, error) }
  }

  // MARK: The ledger

  /// Adds steps with their orders, what became of earlier orders, and how far the inputs are decided: all of it
  /// or nothing. Steps that are there already are left as they are.
  /// - Returns: the orders, in the order of the steps.
  @discardableResult
  package func append(
    _ transitions: [Transition], finished: [FinishedOrder] = [], decidedTo time: Instant
  ) throws(StoreError) -> [Order] {
    try write { database in
      var orders: [Order] = []
      for order in finished { try Self.finish(order, database) }
      for transition in transitions {
        guard try Self.insert(transition, database) else { continue }
        if let order = try Self.insertOrder(transition, database) { orders.append(order) }
        if let alert = transition.alert { try Self.insert(alert, database) }
      }
      try database.execute(
        sql: """
          INSERT INTO state (name, value) VALUES ('decided_to', ?)
          ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
          """, arguments: [time.microseconds])
      if let last = transitions.compactMap(\.caseNumber).max() {
        try database.execute(
          sql: """
            INSERT INTO state (name, value) VALUES ('last_case', ?)
            ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
            """, arguments: [last])
      }
      return orders
    }
  }

  /// Up to which engine time all inputs are decided; nil before the first run.
  package var decidedTo: Instant? {
    get throws(StoreError) {
      try read {
        try Int64.fetchOne($0, sql: "SELECT value FROM state WHERE name = 'decided_to'")
      }.map { Instant(microseconds: $0) }
    }
  }

  /// The highest number that a case ever had; those that are forgotten keep theirs.
  package var lastCase: Int {
    get throws(StoreError) {
      try read {
        try Int.fetchOne($0, sql: "SELECT value FROM state WHERE name = 'last_case'") ?? 0
      }
    }
  }

  /// The last step's count; 0 before the first.
  package var lastSerial: Int {
    get throws(StoreError) {
      try read { try Int.fetchOne($0, sql: "SELECT max(serial) FROM transition_") ?? 0 }
    }
  }

  private static func insert(_ transition: Transition, _ database: Database) throws -> Bool {
    let encoder = JSONEncoder()
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO transition_
          (serial, case_number, step, time, action, subject, policy, reason, actor, due, evidence,
           readings)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        transition.serial == 0 ? nil : transition.serial, transition.caseNumber,
        transition.caseNumber == nil ? nil : transition.step,
        transition.time.microseconds, transition.action.rawValue, transition.subject,
        transition.policy, transition.reason, transition.actor, transition.due?.microseconds,
        String(decoding: try encoder.encode(transition.evidence), as: UTF8.self),
        String(decoding: try encoder.encode(transition.readings), as: UTF8.self),
      ])
    return database.changesCount > 0
  }

  /// All steps of cases since a time, in the order in which they were taken.
  /// - Parameter number: only those of this case.
  package func transitions(since: Instant = .distantPast, of number: Int? = nil)
    throws(StoreError) -> [Transition]
  {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM transition_ WHERE time >= ? AND (? IS NULL OR case_number = ?) ORDER BY id
          """, arguments: [since.microseconds, number, number]
      ).map(Self.transition)
    }
  }

  private static func transition(_ row: Row) throws -> Transition {
    var transition = Transition(
      time: Instant(microseconds: row["time"]),
      action: Transition.Action(rawValue: row["action"]) ?? .alert, subject: row["subject"],
      policy: row["policy"], reason: row["reason"], caseNumber: row["case_number"])
    transition.step = row["step"] ?? 0
    transition.serial = row["serial"] ?? 0
    transition.actor = row["actor"]
    transition.due = (row["due"] as Int64?).map { Instant(microseconds: $0) }
    let decoder = JSONDecoder()
    let evidence: String = row["evidence"]
    let readings: String = row["readings"]
    transition.evidence = try decoder.decode(
      [Transition.Evidence].self, from: Data(evidence.utf8))
    transition.readings = try decoder.decode([Transition.Reading].self, from: Data(readings.utf8))
    return transition
  }
}
