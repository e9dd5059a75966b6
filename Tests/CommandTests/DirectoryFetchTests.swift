import Actions
import Events
import Foundation
import Synchronization
import Testing

@testable import sperrwerk

@Suite struct `The directory in a database` {
  private static let hasSQLite = [
    "/usr/bin/sqlite3", "/usr/lib/x86_64-linux-gnu/odbc/libsqlite3odbc.so",
  ].allSatisfy { FileManager.default.fileExists(atPath: $0) }

  @Test(.enabled(if: hasSQLite, "no ODBC driver of SQLite here ('make install-servers')"))
  func `is handed over until it is taken, also where one of its tables cannot be had`()
    async throws
  {
    let folder = NSTemporaryDirectory() + "directory-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func sql(_ text: String) throws {
      try Process.run(
        URL(fileURLWithPath: "/usr/bin/sqlite3"), arguments: [folder + "/panel.db", text]
      ).waitUntilExit()
    }
    try sql("CREATE TABLE m (account); CREATE TABLE s (uid); INSERT INTO m VALUES ('a@b.example');")
    let mailbox = Mailbox()
    let fetch = try #require(
      try DirectoryFetch(
        LiveSettings(
          """
          state: \(folder)
          accounts_query: SELECT account FROM m
          sites_query: SELECT uid FROM s
          database:
            connection: "Driver=SQLite3;Database=\(folder)/panel.db"
          """, file: "s.yaml"), mailbox))
    let faults = SourceFaults(raise: { _ in }, say: { _ in })
    func handed() -> [@Sendable () -> Void] {
      mailbox.take().compactMap {
        if case .directory(let taken) = $0 { taken } else { nil }
      }
    }
    try await fetch.begin()
    await fetch.look(faults)
    #expect(handed().isEmpty)
    try sql("INSERT INTO m VALUES ('c@d.example'); DROP TABLE s;")
    await fetch.look(faults)
    #expect(faults.now.count == 1 && handed().count == 1)
    // The loop has not taken it: some other file was not well.
    await fetch.look(faults)
    let again = handed()
    #expect(again.count == 1)
    again.first?()
    await fetch.look(faults)
    #expect(handed().isEmpty)
  }
}
