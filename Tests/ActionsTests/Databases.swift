import Actions
import Foundation
import Testing

/// A database of its own in a temporary folder, where it is a server's on a unix socket, with a panel's tables.
struct TestDatabase {
  enum Kind: String, CaseIterable { case sqlite, postgresql, mariadb }

  struct Fault: Error { var text: String }

  let kind: Kind
  private let folder: String

  /// Makes one for `body`, and ends it. Where the program or its driver is not installed it says so.
  static func with(_ kind: Kind, _ body: (TestDatabase) async throws -> Void) async throws {
    guard isInstalled(kind) else {
      try Test.cancel(
        "\(kind), its ODBC driver ('make install-servers'), or root's rights are not there")
    }
    let database = TestDatabase(
      kind: kind, folder: "/tmp/sw-db-" + UUID().uuidString.prefix(8))
    try FileManager.default.createDirectory(
      atPath: database.folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: database.folder) }
    do {
      try await database.start()
      try await body(database)
      try await database.stop()
    } catch {
      try? await database.stop()
      throw error
    }
  }

  private static let postgres = "/usr/lib/postgresql/15/bin"
  static let postgresDriver = "/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so"

  /// Takes connections, and never says a word.
  /// - Returns: its socket, to be closed, and its port on 127.0.0.1.
  static func silentServer() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = unsafe withUnsafeMutablePointer(to: &address) { place in
      unsafe place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        unsafe bind(descriptor, place, length) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, place, &length) == 0
      }
    }
    guard isListening else { throw Fault(text: "no port is free") }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  private static func isInstalled(_ kind: Kind) -> Bool {
    let drivers = "/usr/lib/x86_64-linux-gnu/odbc"
    let files =
      switch kind {
      case .sqlite: ["/usr/bin/sqlite3", drivers + "/libsqlite3odbc.so"]
      case .postgresql: [postgres + "/initdb", "/usr/bin/psql", postgresDriver]
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
  func run(_ sql: String) async throws {
    switch kind {
    case .sqlite: try await call("/usr/bin/sqlite3", ["\(folder)/panel.db"], sql)
    case .postgresql:
      try await call(
        "/usr/bin/psql", ["-qh", folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1"], sql)
    case .mariadb:
      try await call(
        "/usr/bin/mariadb", ["--no-defaults", "-S", folder + "/socket", "-u", "root", "panel"], sql)
    }
  }

  private func start() async throws {
    switch kind {
    case .sqlite: break
    case .postgresql:
      try await call("/bin/chown", ["postgres", folder])
      try await asPostgres("initdb -D \(folder)/data -A trust -N")
      try await asPostgres(
        "pg_ctl -w -D \(folder)/data -o '-F -k \(folder) -c listen_addresses=' start")
    case .mariadb:
      try await shell(
        "mariadb-install-db --no-defaults --user=root --datadir=\(folder)/data "
          + "--auth-root-authentication-method=normal --skip-test-db")
      // Behind a shell that ends at once; it answers when its socket is there.
      try await shell(
        "setsid mariadbd --no-defaults --user=root --datadir=\(folder)/data --socket=\(folder)/socket "
          + "--skip-networking --pid-file=\(folder)/pid &")
      try await shell(
        "mariadb-admin --no-defaults -S \(folder)/socket -u root --wait=60 create panel")
    }
    try await run(
      """
      CREATE TABLE mailbox (username VARCHAR(255), password VARCHAR(255), customer VARCHAR(99));
      CREATE TABLE log (timestamp \(kind == .mariadb ? "DATETIME(6)" : "TIMESTAMP"), action VARCHAR(99), data VARCHAR(255));
      """)
  }

  private func stop() async throws {
    switch kind {
    case .sqlite: break
    case .postgresql: try await asPostgres("pg_ctl -m immediate -D \(folder)/data stop")
    case .mariadb:
      try await shell("mariadb-admin --no-defaults -S \(folder)/socket -u root shutdown")
    }
  }

  private func asPostgres(_ command: String) async throws {
    try await shell("runuser -u postgres -- \(Self.postgres)/\(command)")
  }

  /// What a server says goes to a file: nobody waits for the end of it.
  private func shell(_ command: String) async throws {
    try await call(
      "/bin/sh", ["-c", "exec > \(folder)/output 2>&1 < /dev/null; cd /; \(command)"])
  }

  private func call(_ path: String, _ arguments: [String], _ input: String = "") async throws {
    var program = Program(path)
    program.limit = .seconds(120)
    let result = try await program.run(arguments, input: input)
    guard result.status == 0 else {
      let said = (try? String(contentsOfFile: folder + "/output", encoding: .utf8)) ?? ""
      throw Fault(text: "\(path) \(arguments): \(result.errors) \(said.suffix(500))")
    }
  }
}
