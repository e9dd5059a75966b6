package import Events
import GRDB

/// Queued mail that is to be let go, a little at a time: it stands here until it is.
extension LedgerStore {
  package struct Release: Equatable, Sendable {
    package var queueID: String
    package var subject: String
    /// When the message arrived: another one may bear the id later.
    package var arrival: Instant

    package init(queueID: String, subject: String, arrival: Instant) {
      (self.queueID, self.subject, self.arrival) = (queueID, subject, arrival)
    }
  }

  /// Those that wait already are left where they stand.
  /// - Returns: how many are new.
  @discardableResult
  package func plan(_ releases: [Release]) throws(StoreError) -> Int {
    try write { database in
      var count = 0
      for release in releases {
        try database.execute(
          sql: "INSERT OR IGNORE INTO release_ (queue_id, subject, arrival) VALUES (?, ?, ?)",
          arguments: [release.queueID, release.subject, release.arrival.microseconds])
        count += database.changesCount
      }
      return count
    }
  }

  /// The next that are to go, in the order in which they were planned.
  package func releases(first count: Int) throws(StoreError) -> [Release] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM release_ ORDER BY number LIMIT ?", arguments: [count]
      ).map {
        Release(
          queueID: $0["queue_id"], subject: $0["subject"],
          arrival: Instant(microseconds: $0["arrival"]))
      }
    }
  }

  /// How many wait; with a subject, of its own.
  package func releaseCount(of subject: String? = nil) throws(StoreError) -> Int {
    try read {
      try Int.fetchOne(
        $0, sql: "SELECT count(*) FROM release_ WHERE ? IS NULL OR subject = ?",
        arguments: [subject, subject]) ?? 0
    }
  }

  /// They are gone, and this many of them in the minute that began then: a restart begins no new one.
  package func finish(_ releases: [Release], inMinuteFrom start: Instant, count: Int)
    throws(StoreError)
  {
    try write { database in
      for release in releases {
        try database.execute(
          sql: "DELETE FROM release_ WHERE queue_id = ?", arguments: [release.queueID])
      }
      for (name, value) in [
        ("release_minute", start.microseconds), ("release_count", Int64(count)),
      ] {
        try database.execute(
          sql: "INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", arguments: [name, value])
      }
    }
  }

  /// The minute in which mail was let go last, and how much.
  package var releaseMinute: (start: Instant, count: Int) {
    get throws(StoreError) {
      try read { database in
        func value(_ name: String) throws -> Int64? {
          try Int64.fetchOne(
            database, sql: "SELECT value FROM state WHERE name = ?", arguments: [name])
        }
        return (
          try value("release_minute").map { Instant(microseconds: $0) } ?? .distantPast,
          Int(try value("release_count") ?? 0)
        )
      }
    }
  }

  /// What waits of a subject stays on hold.
  /// - Returns: how many.
  @discardableResult
  package func cancelReleases(of subject: String) throws(StoreError) -> Int {
    try write {
      try $0.execute(sql: "DELETE FROM release_ WHERE subject = ?", arguments: [subject])
      return $0.changesCount
    }
  }
}
