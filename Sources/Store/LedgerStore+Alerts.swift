package import Events
import GRDB

/// Words to the operator, and which of them each channel has sent: what is not sent goes out after a restart.
extension LedgerStore {
  /// An alert that repeats one of the last hour is counted there and not sent again.
  private static let sameFor = TimeSpan(seconds: 3600)
  /// One that is further ahead is of a clock that was set back since, and silences nothing.
  private static let ahead = TimeSpan(seconds: 60)
  /// More than this many wait for no channel: the oldest are dropped, and that is said.
  package static let mostUnsent = 1000

  /// - Returns: false where it only repeats an earlier one.
  @discardableResult
  package func raise(_ alert: Alert) throws(StoreError) -> Bool {
    try write { try Self.insert(alert, $0) }
  }

  @discardableResult
  static func insert(_ alert: Alert, _ database: Database) throws -> Bool {
    try database.execute(
      sql: """
        UPDATE alert SET count = count + ? WHERE id = (
          SELECT max(id) FROM alert WHERE text = ? AND kind = ? AND subject IS ?
            AND time BETWEEN ? AND ?)
        """,
      arguments: [
        alert.count, alert.text, alert.kind, alert.subject,
        (alert.time - sameFor).microseconds, (alert.time + ahead).microseconds,
      ])
    if database.changesCount > 0 { return false }
    try database.execute(
      sql: """
        INSERT INTO alert (time, kind, subject, case_number, text, count) VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        alert.time.microseconds, alert.kind, alert.subject, alert.caseNumber, alert.text,
        alert.count,
      ])
    return true
  }

  /// What a channel has still to send, oldest first. Of too many the oldest are dropped.
  /// - Returns: also how many were dropped since the last call.
  package func unsentAlerts(_ channel: Alert.Channel) throws(StoreError) -> (
    alerts: [Alert], dropped: Int
  ) {
    try write { database in
      try database.execute(
        sql: """
          UPDATE alert SET \(channel.rawValue) = 2 WHERE \(channel.rawValue) = 0 AND id NOT IN (
            SELECT id FROM alert WHERE \(channel.rawValue) = 0 ORDER BY id DESC LIMIT ?)
          """, arguments: [Self.mostUnsent])
      let dropped = database.changesCount
      let alerts = try Row.fetchAll(
        database, sql: "SELECT * FROM alert WHERE \(channel.rawValue) = 0 ORDER BY id"
      ).map(Self.alert)
      return (alerts, dropped)
    }
  }

  private static func alert(_ row: Row) -> Alert {
    var alert = Alert(
      id: row["id"], time: Instant(microseconds: row["time"]), kind: row["kind"],
      subject: row["subject"], caseNumber: row["case_number"], text: row["text"])
    alert.count = row["count"]
    return alert
  }

  /// The channel has sent them; none is sent by it again.
  package func sent(_ ids: [Int64], by channel: Alert.Channel) throws(StoreError) {
    try write { database in
      for id in ids {
        try database.execute(
          sql: "UPDATE alert SET \(channel.rawValue) = 1 WHERE id = ?", arguments: [id])
      }
    }
  }

  /// A channel that is not set up sends nothing, also not later what was said before it was.
  package func skipAlerts(_ channel: Alert.Channel) throws(StoreError) {
    try write {
      try $0.execute(
        sql: "UPDATE alert SET \(channel.rawValue) = 2 WHERE \(channel.rawValue) = 0")
    }
  }

  /// Those for which no channel waits any more.
  package func expireAlerts(before time: Instant) throws(StoreError) {
    try write {
      try $0.execute(
        sql: "DELETE FROM alert WHERE time < ? AND webhook != 0 AND mail != 0",
        arguments: [time.microseconds])
    }
  }
}
