package import Events
import GRDB

/// The outbox: orders that wait, and what became of them.
extension LedgerStore {
  static func insertOrder(_ transition: Transition, _ database: Database) throws -> Order? {
    guard let kind = transition.orderKind, let number = transition.caseNumber,
      let subject = transition.subject
    else { return nil }
    let step = database.lastInsertedRowID
    // A later order about a subject takes the place of those that were never carried out; a notice of nothing.
    if !kind.isNotice {
      try database.execute(
        sql: """
          UPDATE order_ SET is_done = 1, outcome = 'superseded'
          WHERE subject = ? AND is_done = 0 AND kind NOT IN ('notify', 'notify_restored')
          """, arguments: [subject])
    }
    try database.execute(
      sql: "INSERT INTO order_ (transition_id, case_number, subject, kind) VALUES (?, ?, ?, ?)",
      arguments: [step, number, subject, kind.rawValue])
    return Order(
      id: database.lastInsertedRowID, caseNumber: number, subject: subject, kind: kind)
  }

  /// Orders that are not done, oldest first.
  package func pendingOrders() throws(StoreError) -> [Order] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM order_ WHERE is_done = 0 ORDER BY id").map {
        Order(
          id: $0["id"], caseNumber: $0["case_number"], subject: $0["subject"],
          kind: Order.Kind(rawValue: $0["kind"]) ?? .open)
      }
    }
  }

  /// What stands in force: each subject's last order, where it stops.
  package func standingOrders() throws(StoreError) -> [Order] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM order_ WHERE id IN (
            SELECT max(id) FROM order_ WHERE kind NOT IN ('notify', 'notify_restored')
            GROUP BY subject)
          AND kind != 'open' ORDER BY id
          """
      ).map {
        Order(
          id: $0["id"], caseNumber: $0["case_number"], subject: $0["subject"],
          kind: Order.Kind(rawValue: $0["kind"]) ?? .suspend)
      }
    }
  }

  static func finish(_ finished: FinishedOrder, _ database: Database) throws {
    try database.execute(
      sql: """
        UPDATE order_ SET is_done = ?, attempts = attempts + 1, outcome = ?
        WHERE id = ? AND outcome IS NOT 'superseded'
        """,
      arguments: [finished.isDone, finished.outcome, finished.id])
  }
}

/// What became of an order.
package struct FinishedOrder: Sendable {
  package var id: Int64
  package var isDone: Bool
  package var outcome: String

  package init(id: Int64, isDone: Bool, outcome: String) {
    (self.id, self.isDone, self.outcome) = (id, isDone, outcome)
  }
}
