package import Events
import Foundation
import GRDB

/// Mail to customers: noted before it is handed over and after, so that none is lost and none sent twice.
extension LedgerStore {
  package struct Notice: Equatable, Sendable {
    /// `late` is what the mail system could not deliver for long: the next contact was told, too.
    package enum State: String, Sendable { case waiting, sending, sent, delivered, bounced, late }

    package var id: Int64
    package var orderID: Int64
    package var recipient: String
    package var hasLink: Bool
    package var facts: NoticeFacts
    package var state: State
    /// When it came into this state.
    package var time: Instant
    package var messageID: String?
    package var queueID: String?
    /// Whether its recipient cannot be counted on to have it.
    package var isUnread: Bool { state == .bounced || state == .late }

    package init(
      orderID: Int64, recipient: String, hasLink: Bool, facts: NoticeFacts, at time: Instant
    ) {
      (id, self.orderID, self.recipient, self.hasLink) = (0, orderID, recipient, hasLink)
      (self.facts, state, self.time) = (facts, .waiting, time)
    }
  }

  /// Adds the recipients of one order, all or none; those that are there stay as they are.
  package func plan(_ notices: [Notice]) throws(StoreError) {
    try write { database in
      for notice in notices {
        let facts = String(decoding: try JSONEncoder().encode(notice.facts), as: UTF8.self)
        try database.execute(
          sql: """
            INSERT OR IGNORE INTO notice (order_id, recipient, has_link, facts, state, time)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            notice.orderID, notice.recipient, notice.hasLink, facts, notice.state.rawValue,
            notice.time.microseconds,
          ])
      }
    }
  }

  /// What is to be handed over, oldest first.
  package func openNotices() throws(StoreError) -> [Notice] {
    try notices("state IN ('waiting', 'sending')", [])
  }

  package func notices(of orderID: Int64) throws(StoreError) -> [Notice] {
    try notices("order_id = ?", [orderID])
  }

  /// To whom a notice went; nil where it is not known any more.
  package func recipient(of id: Int64) throws(StoreError) -> String? {
    try read {
      try String.fetchOne($0, sql: "SELECT recipient FROM notice WHERE id = ?", arguments: [id])
    }
  }

  /// Those of these recipients of whom the last word is that they refused a notice, whatever case it was about.
  package func refusing(_ recipients: [String]) throws(StoreError) -> Set<String> {
    try read { database in
      try Set(
        recipients.filter {
          try String.fetchOne(
            database,
            sql: """
              SELECT state FROM notice WHERE recipient = ? AND message_id IS NOT NULL
                AND state IN ('delivered', 'bounced') ORDER BY id DESC LIMIT 1
              """, arguments: [$0]) == Notice.State.bounced.rawValue
        })
    }
  }

  /// A notice that nobody has taken yet goes to nobody: its order may have another recipient.
  package func giveUp(_ id: Int64, at time: Instant) throws(StoreError) {
    try write {
      try $0.execute(
        sql: """
          UPDATE notice SET state = 'bounced', message_id = NULL, time = ?
          WHERE id = ? AND state IN ('waiting', 'sending')
          """,
        arguments: [time.microseconds, id])
    }
  }

  /// What the mail system has and has not yet delivered or refused.
  package func noticesUnderWay() throws(StoreError) -> [Notice] {
    try notices("state IN ('sending', 'sent') AND message_id IS NOT NULL", [])
  }

  private func notices(_ condition: String, _ arguments: StatementArguments) throws(StoreError)
    -> [Notice]
  {
    try read { try Self.notices(condition, arguments, $0) }
  }

  private static func notices(
    _ condition: String, _ arguments: StatementArguments, _ database: Database
  ) throws -> [Notice] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM notice WHERE \(condition) ORDER BY id", arguments: arguments
    ).map { row in
      let facts: String = row["facts"]
      var notice = Notice(
        orderID: row["order_id"], recipient: row["recipient"], hasLink: row["has_link"],
        facts: try JSONDecoder().decode(NoticeFacts.self, from: Data(facts.utf8)),
        at: Instant(microseconds: row["time"]))
      notice.id = row["id"]
      notice.state = Notice.State(rawValue: row["state"]) ?? .waiting
      notice.messageID = row["message_id"]
      notice.queueID = row["queue_id"]
      return notice
    }
  }

  /// These go out as one message, which is being handed over from now on.
  package func begin(_ notices: [Int64], messageID: String, at time: Instant) throws(StoreError) {
    try write { database in
      for id in notices {
        try database.execute(
          sql: """
            UPDATE notice SET state = 'sending', message_id = ?, time = ?
            WHERE id = ? AND state IN ('waiting', 'sending')
            """,
          arguments: [messageID, time.microseconds, id])
      }
    }
  }

  /// The mail system has taken the message.
  package func handedOver(_ messageID: String, at time: Instant) throws(StoreError) {
    try write {
      try $0.execute(
        sql:
          "UPDATE notice SET state = 'sent', time = ? WHERE message_id = ? AND state = 'sending'",
        arguments: [time.microseconds, messageID])
    }
  }

  /// The log names the message: it was handed over, whatever became of this service meanwhile. The first queue
  /// id counts: a later one is somebody else's message that copies ours.
  /// - Returns: false where no message of that name is under way, or it has a queue id.
  @discardableResult
  package func seen(_ messageID: String, as queueID: String, at time: Instant) throws(StoreError)
    -> Bool
  {
    try write { database in
      try database.execute(
        sql: """
          UPDATE notice SET queue_id = ?,
            time = CASE state WHEN 'sending' THEN ? ELSE time END,
            state = CASE state WHEN 'sending' THEN 'sent' ELSE state END
          WHERE message_id = ? AND queue_id IS NULL AND state IN ('sending', 'sent')
          """, arguments: [queueID, time.microseconds, messageID])
      return database.changesCount > 0
    }
  }

  /// A content filter has given the message back under this queue id.
  package func passedOn(_ messageID: String, as queueID: String) throws(StoreError) {
    try write {
      try $0.execute(
        sql: "UPDATE notice SET queue_id = ? WHERE message_id = ? AND state IN ('sending', 'sent')",
        arguments: [queueID, messageID])
    }
  }

  /// What became of a message that was sent: the last word about it.
  /// - Returns: the notices that it carried.
  package func settle(_ messageID: String, _ state: Notice.State, at time: Instant)
    throws(StoreError) -> [Notice]
  {
    try change("message_id = ? AND state IN ('sending', 'sent')", [messageID], state, at: time)
  }

  /// Notices of suspensions, with a link, that the mail log has named, but no delivery of them: others are told as
  /// well.
  /// - Parameter before: handed over by then.
  package func giveNext(before: Instant, at time: Instant) throws(StoreError) -> [Notice] {
    // Who was not told of the stop need not hear of its end.
    let condition = """
      state = 'sent' AND has_link = 1 AND queue_id IS NOT NULL AND time <= ?
        AND json_extract(facts, '$.kind') = 'suspended'
      """
    // Asked often, and there is hardly ever one: reading waits for nobody.
    if try notices(condition, [before.microseconds]).isEmpty { return [] }
    return try change(condition, [before.microseconds], .late, at: time)
  }

  /// - Returns: those that it changed, as they are now. What has to go to the next contact opens its order again in
  ///   the same step, so that a crash loses none.
  private func change(
    _ condition: String, _ arguments: StatementArguments, _ state: Notice.State, at time: Instant
  ) throws(StoreError) -> [Notice] {
    try write { database in
      let found = try Self.notices(condition, arguments, database)
      for var notice in found {
        (notice.state, notice.time) = (state, time)
        try database.execute(
          sql: "UPDATE notice SET state = ?, time = ? WHERE id = ?",
          arguments: [state.rawValue, time.microseconds, notice.id])
        guard notice.hasLink, notice.isUnread else { continue }
        try database.execute(
          sql: "UPDATE order_ SET is_done = 0 WHERE id = ?", arguments: [notice.orderID])
      }
      return found
    }
  }

  /// When a recipient was last sent mail of a kind.
  package func lastSent(_ recipient: String, _ kind: NoticeFacts.Kind) throws(StoreError)
    -> Instant?
  {
    try read {
      try Int64.fetchOne(
        $0,
        sql: """
          SELECT max(time) FROM notice WHERE recipient = ? AND state != 'waiting'
            AND json_extract(facts, '$.kind') = ?
          """, arguments: [recipient, kind.rawValue])
    }.map { Instant(microseconds: $0) }
  }
}
