import Foundation
import Testing

@Suite(.serialized) struct `A suspended account` {
  @Test func `is restored when its password was changed, as a log or a program says`() throws {
    let folder = "/tmp/sw-pw-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let ask = folder + "/ask"
    try "#!/bin/sh\ncat \"\(folder)/$1\" 2>/dev/null || true\n".write(
      toFile: ask, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: ask)
    let log = folder + "/changes.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let service = try Guarded(
      dryRun: true,
      more: """
        password_changes: \(log)
        restore_needs_report: false
        passwords:
          pattern: "{time} panel: {account} has a new one"
          command: [\(ask), ":user"]
          every: 600s
        """)
    try service.start()
    try service.waitUntilReady()
    for name in ["anna", "dora", "emil"] {
      _ = try service.command(["suspend", "\(name)@example.net", "--reason", "asked"])
    }
    func list() throws -> String { try service.command(["cases"]).output }
    try service.wait("not suspended") {
      try list().split(separator: "\n").count { $0.contains("suspended") } == 3
    }
    // In parts of a second: it is after the suspension.
    let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    // An old change, and a line of another form, change nothing.
    try "2026-01-01T00:00:00Z".write(
      toFile: folder + "/emil@example.net", atomically: true, encoding: .utf8)
    try Data(
      """
      \(time) panel: emil@example.net has a new one from x
      \(time) panel: anna@example.net has a new one

      """.utf8
    ).write(to: URL(fileURLWithPath: log))
    try time.write(toFile: folder + "/dora@example.net", atomically: true, encoding: .utf8)
    let poll = try service.command(["poll"])
    #expect(poll.output.contains("are looked at"))
    try service.wait("not restored: \(try list())") {
      let cases = try list()
      return cases.contains("restored anna@") && cases.contains("restored dora@")
    }
    #expect(try list().contains("suspended emil@example.net"))
    let shown = try service.command(["passwords", "anna@example.net"]).output
    #expect(shown.contains("changes.log: changed at \(time.prefix(19))Z (\(log):2)"), "\(shown)")
    #expect(shown.contains("passwords.command: no change is known"))
    // As the engine: an account's name in any case is that account.
    #expect(try service.command(["passwords", "ANNA@Example.net"]).output == shown)
    #expect(
      try service.command(["passwords", "emil@example.net"]).output.contains(
        "passwords.command: changed at 2026-01-01T00:00:00Z"))
    // What it cannot ask any more stands in its status, until it answers.
    try FileManager.default.moveItem(atPath: ask, toPath: ask + ".away")
    _ = try service.command(["poll"])
    try service.wait("no fault") {
      try service.command(["status"]).output.contains("passwords.command: ")
    }
    try FileManager.default.moveItem(atPath: ask + ".away", toPath: ask)
    _ = try service.command(["poll"])
    try service.wait("still a fault") {
      !(try service.command(["status"]).output.contains("passwords.command: "))
    }
    #expect(service.end() == 0)
  }

  @Test func `needs a source that is configured well`() throws {
    let none = try Guarded(dryRun: true)
    let shown = try none.command(["passwords", "anna@example.net"])
    #expect(shown.status == 1 && shown.output.contains("no source is configured"))
    for (settings, says) in [
      (
        "passwords:\n  query: SELECT 1",
        "passwords.query: there is no database; set database.connection"
      ),
      ("passwords:\n  pattern: \"{time}\"", "passwords.pattern: pattern '{time}': {account} must"),
      ("accounts: x.csv\naccounts_query: SELECT 1", "accounts_query: 'accounts' is set too"),
      ("freshness:\n  logs: [x]", "freshness.logs: 'x' is no limit of a log"),
      ("journal: /nowhere", "/nowhere: no such file or directory"),
    ] {
      let service = try Guarded(dryRun: true, more: settings)
      let result = try service.command(["run"])
      #expect(result.status != 0 && result.errors.contains(says), "\(result.errors)")
    }
  }

  private static let hasSQLite = [
    "/usr/bin/sqlite3", "/usr/lib/x86_64-linux-gnu/odbc/libsqlite3odbc.so",
  ].allSatisfy { FileManager.default.fileExists(atPath: $0) }

  @Test(.enabled(if: hasSQLite, "no ODBC driver of SQLite here ('make install-servers')"))
  func `is found in a directory that a database serves`() throws {
    let base = "/tmp/sw-dir-" + UUID().uuidString.prefix(8) + ".db"
    defer { try? FileManager.default.removeItem(atPath: base) }
    func sql(_ text: String) throws {
      try Process.run(
        URL(fileURLWithPath: "/usr/bin/sqlite3"), arguments: ["-cmd", ".timeout 20000", base, text]
      )
      .waitUntilExit()
    }
    try sql("CREATE TABLE m (u, c); INSERT INTO m VALUES ('anna@example.net', 'nordwind');")
    let service = try Guarded(
      dryRun: true,
      more: """
        accounts_query: SELECT u AS account, c AS customer FROM m
        database:
          connection: "Driver=SQLite3;Database=\(base)"
        """)
    try service.start()
    try service.waitUntilReady()
    let file = service.folder + "/state/accounts.csv"
    func table() throws -> String { try String(contentsOfFile: file, encoding: .utf8) }
    #expect(try table() == "account,customer\nanna@example.net,nordwind\n")
    try sql("INSERT INTO m VALUES ('dora@example.net', 'suedlicht');")
    _ = try service.command(["poll"])
    try service.wait("not fetched") { try table().contains("dora@example.net,suedlicht") }
    // Nothing at all is a fault of the database, and not the end of all customers.
    try sql("DELETE FROM m;")
    _ = try service.command(["poll"])
    try service.wait("no word of it") { try service.said("gives no rows any more") }
    #expect(try table().contains("dora@example.net,suedlicht"))
    #expect(service.end() == 0)
  }
}
