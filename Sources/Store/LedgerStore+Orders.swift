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
      try Row.fetchAll(database, sql: "SELECT * FROM order_ WHERE is_done = 0 ORDER BY id")
        .compactMap(Order.init)
    }
  }

  /// Notices that were tried and have to be again: their next contact is to be told.
  package var noticesToGoOn: Set<Int64> {
    get throws(StoreError) {
      try read {
        try Int64.fetchSet(
          $0,
          sql: """
            SELECT id FROM order_
            WHERE is_done = 0 AND attempts > 0 AND kind IN ('notify', 'notify_restored')
            """)
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
      ).compactMap(Order.init)
    }
  }

  /// An order of the outbox, whether it is done or not.
  package func order(_ id: Int64) throws(StoreError) -> Order? {
    try read {
      try Row.fetchOne($0, sql: "SELECT * FROM order_ WHERE id = ?", arguments: [id])
    }.flatMap(Order.init)
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

extension Order {
  /// Nil where its kind is unknown: a later version wrote it, and nobody here knows whether it stops or opens.
  fileprivate init?(_ row: Row) {
    guard let kind = Kind(rawValue: row["kind"]) else { return nil }
    self.init(
      id: row["id"], caseNumber: row["case_number"], subject: row["subject"], kind: kind)
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
