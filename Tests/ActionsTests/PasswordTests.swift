import Actions
import Events
import Foundation
import Testing

private let now = Instant(seconds: 1_795_500_000)  // 2026-11-24T06:00:00Z
private let berlin = TimeSpan(seconds: 3600)

private func awaited(_ account: String, case number: Int = 1) -> AwaitedAccount {
  AwaitedAccount(
    account: account, caseNumber: number, suspendedAt: Instant(seconds: 1_795_480_000))
}

private final class Folder {
  let path = NSTemporaryDirectory() + "passwords-" + UUID().uuidString
  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    return "\(path)/\(name)"
  }
}

@Suite(.serialized) struct `A database of password changes` {
  @Test(arguments: TestDatabase.Kind.allCases)
  func `gives the time of an account's last change, in its own zone`(kind: TestDatabase.Kind)
    async throws
  {
    try await TestDatabase.with(kind) { database in
      try await database.run(
        """
        INSERT INTO log VALUES ('2026-11-24 03:26:14.25', 'edit_password', 'anna@example.net');
        INSERT INTO log VALUES ('2026-11-23 01:00:00', 'edit_password', 'anna@example.net');
        INSERT INTO log VALUES ('2026-11-24 05:00:00', 'edit_mailbox', 'anna@example.net');
        """)
      let query = try DatabaseQuery(
        "SELECT MAX(timestamp) FROM log WHERE action='edit_password' AND data=:user",
        connection: database.connection, name: "passwords.query")
      let source = PasswordQuery(query, zone: berlin)
      let time = try await source.lastChange(of: awaited("anna@example.net"), at: now)
      #expect(time?.rfc3339(digits: 2) == "2026-11-24T02:26:14.25Z")
      #expect(try await source.lastChange(of: awaited("dora@example.net"), at: now) == nil)
      // A name is a value and never part of the query.
      for hostile in [
        "x' OR '1'='1", "x'; DROP TABLE log; --", "anna@example.net' -- ", ":user", "ü",
      ] {
        #expect(try await source.lastChange(of: awaited(hostile), at: now) == nil)
      }
      #expect(
        try await source.finding("anna@example.net", at: now) == "changed at 2026-11-24T02:26:14Z")
      // Hours ahead: the zone is wrong, and nothing is believed.
      let early = Instant(seconds: 1_795_480_000)
      let error = await #expect(throws: ActionError.self) {
        try await source.lastChange(of: awaited("anna@example.net"), at: early)
      }
      #expect(error.map { "\($0)" }?.contains("is in the future; set passwords.zone") == true)
    }
  }

  @Test(arguments: TestDatabase.Kind.allCases)
  func `tells a changed hash, and serves the directory`(kind: TestDatabase.Kind) async throws {
    let folder = try Folder()
    // A quotation mark with a combining mark behind it; MariaDB's client here knows Latin-1 only.
    let odd = kind == .mariadb ? "\"x" : "\"\u{301}"
    try await TestDatabase.with(kind) { database in
      try await database.run(
        """
        INSERT INTO mailbox VALUES ('anna@example.net', '{BLF-CRYPT}old', 'Nordwind, "N" GmbH');
        INSERT INTO mailbox VALUES ('dora@example.net', NULL, NULL);
        INSERT INTO mailbox VALUES ('erik@example.net', NULL, '\(odd) , ');
        """)
      let query = try DatabaseQuery(
        "SELECT password FROM mailbox WHERE username=:user", connection: database.connection,
        name: "passwords.hash_query")
      let source = try PasswordFingerprint(
        .query(query), key: folder.path + "/key", book: PasswordBook(path: folder.path + "/book"))
      #expect(try await source.lastChange(of: awaited("anna@example.net"), at: now) == nil)
      try await database.run(
        "UPDATE mailbox SET password='{BLF-CRYPT}new' WHERE username LIKE 'anna%';")
      #expect(try await source.lastChange(of: awaited("anna@example.net"), at: now) == now)
      #expect(try await source.lastChange(of: awaited("dora@example.net"), at: now) == nil)
      let table = try await DatabaseQuery(
        "SELECT username AS account, customer FROM mailbox ORDER BY username",
        connection: database.connection, name: "accounts_query"
      ).table()
      #expect(
        table
          == "account,customer\nanna@example.net,\"Nordwind, \"\"N\"\" GmbH\"\ndora@example.net,\n"
          + "erik@example.net,\"\"\(odd) , \"\n")
    }
  }

  @Test func `says what is wrong with a query or a connection, without its password`() async throws
  {
    let bad = try DatabaseQuery(
      "SELECT x", connection: "Driver=Nothing;Pwd=secret", name: "passwords.query")
    let away = await #expect(throws: ActionError.self) { try await bad.cell("a") }
    let text = away.map { "\($0)" } ?? ""
    #expect(text.contains("see database.connection") && !text.contains("secret"), "\(text)")
    let quoted = #expect(throws: ActionError.self) {
      try DatabaseQuery(
        "SELECT t FROM log WHERE data=':user'", connection: "", name: "passwords.query")
    }
    #expect(quoted.map { "\($0)" }?.contains(":user stands in quotation marks") == true)
    try await TestDatabase.with(.sqlite) { database in
      let wrong = try DatabaseQuery(
        "SELECT x FROM nowhere", connection: database.connection, name: "passwords.query")
      let fault = await #expect(throws: ActionError.self) { try await wrong.cell("a") }
      let text = fault.map { "\($0)" } ?? ""
      #expect(
        text.contains("passwords.query: ") && text.contains("no such table: nowhere"), "\(text)")
      try await database.run(
        "INSERT INTO mailbox (username) VALUES ('a'); INSERT INTO mailbox (username) VALUES ('b');")
      func table(mostRows: Int) async throws -> String {
        try await DatabaseQuery(
          "SELECT username FROM mailbox", connection: database.connection, name: "accounts_query",
          mostRows: mostRows
        ).table()
      }
      #expect(try await table(mostRows: 2) == "username\na\nb\n")
      let long = await #expect(throws: ActionError.self) { try await table(mostRows: 1) }
      #expect(
        long.map { "\($0)" }
          == "accounts_query: the answer has more than 1 rows; let the query give fewer, "
          + "such as those of this host alone (WHERE)")
    }
  }
}

@Suite struct `A source of password changes` {
  private static let hasDriver = FileManager.default.fileExists(
    atPath: TestDatabase.postgresDriver)

  @Test(.enabled(if: hasDriver, "no ODBC driver of PostgreSQL here ('make install-servers')"))
  func `is not waited for without end where the database takes a call and says nothing`()
    async throws
  {
    let (listener, port) = try TestDatabase.silentServer()
    let query = try DatabaseQuery(
      "SELECT :user",
      connection: "Driver=PostgreSQL Unicode;Servername=127.0.0.1;Port=\(port);Database=x;Uid=x",
      name: "passwords.query", limit: .seconds(4))
    for limit in [Duration.seconds(60), .seconds(3)] {
      let start = ContinuousClock.now
      let error = await #expect(throws: ActionError.self) { try await query.cell("a") }
      // The second is not even begun while the first hangs.
      #expect(ContinuousClock.now - start < limit)
      #expect(error?.problem == "the database does not answer")
    }
    close(listener)
  }

  @Test func `is a program that prints a time, asked without a shell`() async throws {
    let folder = try Folder()
    let program = try folder.write(
      "ask",
      "#!/bin/sh\n[ \"$1\" = 'anna@example.net' ] && echo 2026-11-24T03:26:14+01:00\nexit 0\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let source = PasswordCommand([program, ":user"], zone: nil)
    #expect(
      try await source.lastChange(of: awaited("anna@example.net"), at: now)?.rfc3339(digits: 0)
        == "2026-11-24T02:26:14Z")
    for name in ["dora@example.net", "$(touch x)", "-anna@example.net"] {
      #expect(try await source.lastChange(of: awaited(name), at: now) == nil)
    }
    let broken = PasswordCommand(["/bin/false"], zone: nil)
    let error = await #expect(throws: ActionError.self) {
      try await broken.lastChange(of: awaited("anna@example.net"), at: now)
    }
    #expect(error.map { "\($0)" }?.contains("ended with 1") == true)
    let babble = PasswordCommand(["/bin/echo", "yesterday"], zone: nil)
    let noTime = await #expect(throws: ActionError.self) {
      try await babble.lastChange(of: awaited("anna@example.net"), at: now)
    }
    #expect(noTime.map { "\($0)" }?.contains("'yesterday' is no time") == true)
  }

  @Test func `is a passwd-file, of which only a keyed hash is kept`() async throws {
    let folder = try Folder()
    let file = try folder.write(
      "users",
      "anna@example.net:{SHA512-CRYPT}$6$old::::\nanna@example.net.evil:{PLAIN}x\ndora@example.net:{PLAIN}y\n"
    )
    func source() throws -> PasswordFingerprint {
      try PasswordFingerprint(
        .file(file), key: folder.path + "/key", book: PasswordBook(path: folder.path + "/book"))
    }
    #expect(try await source().lastChange(of: awaited("anna@example.net"), at: now) == nil)
    let book = try String(contentsOfFile: folder.path + "/book", encoding: .utf8)
    #expect(!book.contains("SHA512") && !book.contains("$6$"))
    // Another's line is none of his, and a restart changes nothing.
    _ = try folder.write(
      "users", "anna@example.net:{SHA512-CRYPT}$6$old::::\ndora@example.net:{PLAIN}z\n")
    #expect(try await source().lastChange(of: awaited("anna@example.net"), at: now) == nil)
    _ = try folder.write("users", "anna@example.net:{SHA512-CRYPT}$6$new::::\n")
    #expect(try await source().lastChange(of: awaited("anna@example.net"), at: now) == now)
    let later = now + TimeSpan(seconds: 600)
    #expect(try await source().lastChange(of: awaited("anna@example.net"), at: later) == now)
    // It was changed between two looks.
    #expect(try await source().earliest(of: awaited("anna@example.net")) == now)
    let book2 = PasswordBook(path: folder.path + "/book2")
    let other = try PasswordFingerprint(.file(file), key: folder.path + "/key", book: book2)
    _ = try await other.lastChange(of: awaited("anna@example.net"), at: now)
    _ = try await other.lastChange(of: awaited("anna@example.net"), at: later)
    try await book2.keep(only: ["anna@example.net"])
    _ = try folder.write("users", "anna@example.net:{SHA512-CRYPT}$6$newer::::\n")
    let again = try PasswordFingerprint(
      .file(file), key: folder.path + "/key", book: PasswordBook(path: folder.path + "/book2"))
    let latest = later + TimeSpan(seconds: 7200)
    #expect(try await again.lastChange(of: awaited("anna@example.net"), at: latest) == latest)
    #expect(await again.earliest(of: awaited("anna@example.net")) == later)
    _ = try folder.write("users", "anna@example.net:{SHA512-CRYPT}$6$new::::\n")
    // Another case begins with what is there then.
    #expect(
      try await source().lastChange(of: awaited("anna@example.net", case: 2), at: later) == nil)
    #expect(try await source().lastChange(of: awaited("nobody@example.net"), at: now) == nil)
    #expect(try await source().finding("nobody@example.net", at: now) == "has no such account")
    for name in ["key", "book"] {
      let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
      #expect(mode[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test(arguments: ["key", "file"])
  func `takes no hash for another where the key or the passwd-file is`(other: String) async throws {
    let folder = try Folder()
    let who = awaited("anna@example.net")
    let file = try folder.write("users", "anna@example.net:{PLAIN}x\n")
    let copy = try folder.write("copy", "anna@example.net:{CRYPT}y\n")
    func source(_ file: String) throws -> PasswordFingerprint {
      try PasswordFingerprint(
        .file(file), key: folder.path + "/key", book: PasswordBook(path: folder.path + "/book"))
    }
    #expect(try await source(file).lastChange(of: who, at: now) == nil)
    if other == "key" { try FileManager.default.removeItem(atPath: folder.path + "/key") }
    let place = other == "key" ? file : copy
    let error = await #expect(throws: ActionError.self) {
      try await source(place).lastChange(of: who, at: now)
    }
    #expect(error.map { "\($0)" }?.contains("is another one: whether passwords were") == true)
    // Told once; from then on a change is one again.
    #expect(try await source(place).lastChange(of: who, at: now) == nil)
    _ = try folder.write(other == "key" ? "users" : "copy", "anna@example.net:{PLAIN}z\n")
    #expect(try await source(place).lastChange(of: who, at: now) == now)
  }

  /// Of a book of an older version nothing is lost.
  @Test func `goes on with prints that do not say of what they are`() async throws {
    let folder = try Folder()
    let who = awaited("anna@example.net")
    let file = try folder.write("users", "anna@example.net:{PLAIN}x\n")
    func source() throws -> PasswordFingerprint {
      try PasswordFingerprint(
        .file(file), key: folder.path + "/key", book: PasswordBook(path: folder.path + "/book"))
    }
    #expect(try await source().lastChange(of: who, at: now) == nil)
    let book = try JSONSerialization.jsonObject(
      with: try Data(contentsOf: URL(fileURLWithPath: folder.path + "/book")))
    var entries = try #require(book as? [String: [String: Any]])
    #expect(entries[who.account]?.removeValue(forKey: "origins") != nil)
    _ = try folder.write(
      "book",
      String(decoding: try JSONSerialization.data(withJSONObject: entries), as: UTF8.self))
    _ = try folder.write("users", "anna@example.net:{PLAIN}y\n")
    #expect(try await source().lastChange(of: who, at: now) == now)
  }

  @Test func `names a passwd-file or a key that is of no use`() async throws {
    let folder = try Folder()
    let book = PasswordBook(path: folder.path + "/book")
    let missing = try PasswordFingerprint(
      .file("/nowhere/users"), key: folder.path + "/key", book: book)
    let error = await #expect(throws: ActionError.self) {
      try await missing.lastChange(of: awaited("a"), at: now)
    }
    #expect(error.map { "\($0)" }?.contains("/nowhere/users: cannot be read") == true)
    let short = try folder.write("short", "x")
    let key = #expect(throws: ActionError.self) {
      try PasswordFingerprint(.file("/nowhere/users"), key: short, book: book)
    }
    #expect(key.map { "\($0)" }?.contains("is too short for a key") == true)
  }

  @Test func `is told of once, and never what was before the suspension`() async throws {
    let folder = try Folder()
    let book = PasswordBook(path: folder.path + "/book")
    let who = awaited("anna@example.net")
    #expect(await !book.isNew(who.suspendedAt, "x", who))
    #expect(await book.isNew(now, "x", who))
    try await book.told(now, "x", who)
    let again = PasswordBook(path: folder.path + "/book")
    #expect(await !again.isNew(now, "x", who))
    #expect(await again.isNew(now, "y", who))
    #expect(await again.isNew(now + TimeSpan(seconds: 1), "x", who))
    try await again.keep(only: [])
    #expect(await PasswordBook(path: folder.path + "/book").isNew(now, "x", who))
  }
}
