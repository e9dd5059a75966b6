import Foundation

/// A database server of its own in a temporary folder, on a unix socket, with a panel's tables in it.
final class TestDatabase {
  enum Kind: String, CaseIterable { case sqlite, postgresql, mariadb }

  let kind: Kind
  private let folder: String
  private var server: Process?

  /// Nil where the program or its driver is not installed.
  init?(_ kind: Kind) throws {
    guard Self.isInstalled(kind) else { return nil }
    self.kind = kind
    folder = "/tmp/sw-db-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    switch kind {
    case .sqlite: break
    case .postgresql: try startPostgreSQL()
    case .mariadb: try startMariaDB()
    }
    try run(
      """
      CREATE TABLE mailbox (username VARCHAR(255), password VARCHAR(255), customer VARCHAR(99));
      CREATE TABLE log (timestamp \(kind == .mariadb ? "DATETIME(6)" : "TIMESTAMP"), action VARCHAR(99), data VARCHAR(255));
      """)
  }

  deinit {
    if let server {
      // PostgreSQL takes SIGINT for a fast end.
      kill(server.processIdentifier, SIGINT)
      if kind == .mariadb { kill(server.processIdentifier, SIGTERM) }
      server.waitUntilExit()
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static let postgres = "/usr/lib/postgresql/15/bin"

  static func isInstalled(_ kind: Kind) -> Bool {
    let drivers = "/usr/lib/x86_64-linux-gnu/odbc"
    let files =
      switch kind {
      case .sqlite: ["/usr/bin/sqlite3", drivers + "/libsqlite3odbc.so"]
      case .postgresql: [postgres + "/initdb", "/usr/bin/psql", drivers + "/psqlodbcw.so"]
      case .mariadb: ["/usr/sbin/mariadbd", "/usr/bin/mariadb", drivers + "/libmaodbc.so"]
      }
    return files.allSatisfy { FileManager.default.fileExists(atPath: $0) }
      && (kind == .sqlite || getuid() == 0)
  }

  var connection: String {
    switch kind {
    case .sqlite: "Driver=SQLite3;Database=\(folder)/panel.db"
    case .postgresql:
      "Driver=PostgreSQL Unicode;Servername=\(folder);Port=5432;Database=postgres;Uid=postgres"
    case .mariadb: "Driver=MariaDB Unicode;SOCKET=\(folder)/socket;Database=panel;Uid=root"
    }
  }

  /// By the database's own program.
  func run(_ sql: String) throws {
    let words =
      switch kind {
      case .sqlite: ["/usr/bin/sqlite3", "\(folder)/panel.db", sql]
      case .postgresql:
        ["/usr/bin/psql", "-qh", folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c", sql]
      case .mariadb:
        [
          "/usr/bin/mariadb", "--no-defaults", "-S", folder + "/socket", "-u", "root", "panel",
          "-e", sql,
        ]
      }
    try Self.run(words)
  }

  // MARK: Servers

  private func startPostgreSQL() throws {
    try Self.run(["/bin/chown", "postgres", folder])
    let data = folder + "/data"
    try Self.asPostgres(
      "\(Self.postgres)/initdb -D \(data) -A trust -N > \(folder)/initdb.log 2>&1")
    server = try Self.start([
      "/usr/sbin/runuser", "-u", "postgres", "--", "\(Self.postgres)/postgres", "-D", data, "-k",
      folder,
      "-c", "listen_addresses=", "-c", "timezone=Europe/Berlin", "-F",
    ])
    try wait(["/usr/bin/psql", "-qh", folder, "-U", "postgres", "-c", "SELECT 1"])
  }

  private static func asPostgres(_ command: String) throws {
    try run(["/usr/sbin/runuser", "-u", "postgres", "--", "/bin/sh", "-c", command])
  }

  private func startMariaDB() throws {
    try Self.run([
      "/usr/bin/mariadb-install-db", "--no-defaults", "--user=root", "--datadir=\(folder)/data",
      "--auth-root-authentication-method=normal", "--skip-test-db",
    ])
    server = try Self.start([
      "/usr/sbin/mariadbd", "--no-defaults", "--user=root", "--datadir=\(folder)/data",
      "--socket=\(folder)/socket", "--skip-networking", "--pid-file=\(folder)/pid",
    ])
    try wait([
      "/usr/bin/mariadb", "--no-defaults", "-S", folder + "/socket", "-u", "root", "-e",
      "CREATE DATABASE IF NOT EXISTS panel",
    ])
  }

  /// Until it answers.
  private func wait(_ words: [String]) throws {
    for _ in 0..<300 {
      if (try? Self.run(words)) != nil { return }
      usleep(100_000)
    }
    throw CocoaError(.executableLoad)
  }

  private static func start(_ words: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  private static func run(_ words: [String]) throws {
    let process = try start(words)
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw CocoaError(.executableLoad) }
  }
}
