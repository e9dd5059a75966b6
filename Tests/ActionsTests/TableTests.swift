import Actions
import Events
import Foundation
import Synchronization
import Testing

func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = NSTemporaryDirectory() + "actions-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  // Postfix's own commands want a main.cf, but no running Postfix.
  try "compatibility_level = 3.6\nmail_owner = postfix\nqueue_directory = \(folder)\n".write(
    toFile: folder + "/main.cf", atomically: true, encoding: .utf8)
  // They wait for a configuration that is younger than two seconds.
  try FileManager.default.setAttributes(
    [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: folder + "/main.cf")
  try await body(folder)
}

let postmap = "/usr/sbin/postmap"
let hasPostmap =
  FileManager.default.isExecutableFile(atPath: postmap)
  && FileManager.default.fileExists(atPath: "/usr/lib/postfix/postfix-lmdb.so")

@Suite struct `A table of stopped accounts` {
  private func order(_ kind: Order.Kind, _ subject: String) -> Order {
    Order(id: 1, caseNumber: 1, subject: subject, kind: kind)
  }

  @Test(.enabled(if: hasPostmap, "skipped: no Postfix with lmdb on this machine"))
  func `holds what was ordered, in place, and is read back`() async throws {
    try await withFolder { folder in
      let table = PostfixTable(
        path: folder + "/stopped", text: "Versand gesperrt, siehe Hilfe", postmap: postmap,
        configuration: folder)
      try await table.rebuild(Standing())
      let number = { try FileManager.default.attributesOfItem(atPath: folder + "/stopped.lmdb") }
      let before = try number()[.systemFileNumber] as? Int
      var standing = Standing()
      standing["anna@nordwind.example"] = .suspended
      standing["bernd@nordwind.example"] = .held
      for login in ["anna@nordwind.example", "bernd@nordwind.example"] {
        _ = try await table.apply(login, standing)
      }
      #expect(
        try await table.lookUp("anna@nordwind.example")
          == "REJECT 5.7.1 Versand gesperrt, siehe Hilfe")
      #expect(try await table.lookUp("bernd@nordwind.example")?.hasPrefix("HOLD ") == true)
      #expect(try await table.lookUp("clara@nordwind.example") == nil)
      standing["anna@nordwind.example"] = nil
      _ = try await table.apply("anna@nordwind.example", standing)
      #expect(try await table.lookUp("anna@nordwind.example") == nil)
      // Held becomes suspended: an entry is replaced.
      standing["bernd@nordwind.example"] = .suspended
      _ = try await table.apply("bernd@nordwind.example", standing)
      #expect(try await table.lookUp("bernd@nordwind.example")?.hasPrefix("REJECT ") == true)
      // A session that has the file open must see the change: it is the same file.
      #expect(try number()[.systemFileNumber] as? Int == before)
      let source = try String(contentsOfFile: folder + "/stopped", encoding: .utf8)
      #expect(source.contains("bernd@nordwind.example REJECT") && !source.contains("anna@"))
      // Somebody took the table away: the others are not open until the next look.
      try FileManager.default.removeItem(atPath: folder + "/stopped.lmdb")
      _ = try await table.apply("clara@nordwind.example", standing)
      #expect(try await table.lookUp("bernd@nordwind.example")?.hasPrefix("REJECT ") == true)
    }
  }

  @Test(arguments: ["two words@x.example", "#comment", "-x", "a\"b", "new\nline", ""])
  func `takes no login that would be another entry`(login: String) async throws {
    try await withFolder { folder in
      let table = PostfixTable(
        path: folder + "/stopped", text: "x", postmap: "/bin/false", configuration: nil)
      var standing = Standing()
      standing.accounts[login] = .suspended
      let error = await #expect(throws: ActionError.self) {
        _ = try await table.apply(login, standing)
      }
      #expect(error?.description.contains("cannot stand in a table") == true)
    }
  }

  /// Postmap ends with 1 for "no such entry" and for "could not look" alike.
  @Test func `takes a lookup that failed for no answer`() async throws {
    try await withFolder { folder in
      let postmap = try fake(
        "postmap", in: folder,
        "echo 'postmap: fatal: bad string length 0 < 1: myhostname =' >&2; exit 1")
      let table = PostfixTable(
        path: folder + "/stopped", text: "x", postmap: postmap, configuration: nil)
      let error = await #expect(throws: ActionError.self) {
        _ = try await table.apply("anna@nordwind.example", Standing())
      }
      #expect(error?.description.contains("fatal: bad string length") == true)
    }
  }

  @Test func `leaves a login that it cannot name to the policy service, and opens it`()
    async throws
  {
    try await withFolder { folder in
      let told = Mutex<[String]>([])
      func actuator(hasPolicyService: Bool) -> PostfixActuator {
        PostfixActuator(
          table: PostfixTable(
            path: folder + "/stopped", text: "x", postmap: "/bin/false", configuration: nil),
          sites: SiteTable(
            path: folder + "/sites",
            postfix: PostfixSettings(postconf: "/bin/false", configuration: nil),
            held: HeldSites(
              path: folder + "/held", postmap: "/bin/false",
              postfix: PostfixSettings(postconf: "/bin/false", configuration: nil),
              configuration: nil)),
          doveadm: nil, hasPolicyService: hasPolicyService,
          onFault: { what, _, _ in told.withLock { $0.append(what) } })
      }
      var standing = Standing()
      standing["jörg@x.example"] = .suspended
      let (stopped, open) = (standing, Standing())
      let order = Order(id: 1, caseNumber: 1, subject: "jörg@x.example", kind: .suspend)
      let seen = try await actuator(hasPolicyService: true).carryOut(order, stopped)
      #expect(seen.hasSuffix("/stopped: the policy service alone stops it"))
      #expect(told.withLock { $0 } == ["keeping jörg@x.example stopped while this service is away"])
      await #expect(throws: ActionError.self) {
        _ = try await actuator(hasPolicyService: false).carryOut(order, stopped)
      }
      let opening = Order(id: 2, caseNumber: 1, subject: "jörg@x.example", kind: .open)
      for hasPolicyService in [true, false] {
        _ = try await actuator(hasPolicyService: hasPolicyService).carryOut(opening, open)
      }
    }
  }

  @Test func `says what fails, with a remedy`() async throws {
    try await withFolder { folder in
      var standing = Standing()
      standing["anna@nordwind.example"] = .suspended
      for (program, says) in [
        ("/bin/false", "install postfix-lmdb"), ("/nosuch/postmap", "see that it is installed"),
      ] {
        let table = PostfixTable(
          path: folder + "/stopped", text: "x", postmap: program, configuration: nil)
        let error = await #expect(throws: ActionError.self) {
          _ = try await table.apply("anna@nordwind.example", standing)
        }
        #expect(error?.description.contains(says) == true)
      }
      let nowhere = PostfixTable(
        path: "/nosuch/stopped", text: "x", postmap: "/bin/true", configuration: nil)
      let error = await #expect(throws: ActionError.self) {
        _ = try await nowhere.apply("anna@nordwind.example", standing)
      }
      #expect(error?.description.contains("no such file") == true)
    }
  }

  @Test(.enabled(if: hasPostmap, "skipped: no Postfix with lmdb on this machine"))
  func `is put right where somebody changed it, and says so`() async throws {
    try await withFolder { folder in
      let table = PostfixTable(
        path: folder + "/stopped", text: "x", postmap: postmap, configuration: folder)
      var standing = Standing()
      standing["anna@nordwind.example"] = .suspended
      standing["bernd@nordwind.example"] = .held
      try await table.rebuild(standing)
      #expect(try await table.mend(standing) == nil)
      // As a panel that writes its own.
      try "clara@nordwind.example OK\n".write(
        toFile: folder + "/stopped", atomically: true, encoding: .utf8)
      _ = try await Program(postmap).run(["-c", folder, "lmdb:\(folder)/stopped"])
      let wrong = try await table.mend(standing)
      #expect(wrong?.contains("3 entries were wrong") == true)
      #expect(try await table.lookUp("anna@nordwind.example")?.hasPrefix("REJECT") == true)
      #expect(try await table.lookUp("clara@nordwind.example") == nil)
      try FileManager.default.removeItem(atPath: folder + "/stopped.lmdb")
      #expect(try await table.mend(standing)?.contains("made anew") == true)
      #expect(try await table.mend(standing) == nil)
    }
  }

  @Test func `makes an SMTP reply of any text`() {
    #expect(SMTPText.safe("Gr\u{fc}\u{df}e\r\n250 ok") == "Gr??e??250 ok")
    #expect(SMTPText.safe(String(repeating: "x", count: 500)).count == 200)
  }
}
