import Actions
import Events
import Foundation
import Synchronization
import Testing

/// A directory of login names that may be away.
private final class Names: Sendable {
  let isAway = Mutex(false)

  var ask: SiteTable.Name {
    { uid throws(ActionError) in
      if uid >= 5000, self.isAway.withLock({ $0 }) {
        throw ActionError(place: "uid \(uid)", problem: "cannot be asked", remedy: "wait")
      }
      return uid == 4242 ? nil : "web\(uid)"
    }
  }
}

@Suite struct `A website's list` {
  /// - Parameter says: what postconf prints, by its last argument.
  private func table(
    _ folder: String, says: [String: String], postmap: String = "/bin/false",
    name: @escaping SiteTable.Name = LoginName.of
  ) throws -> SiteTable {
    let cases = says.map { "\($0.key)) echo '\($0.value)';;" }.joined(separator: "\n")
    let postconf = try fake(
      "postconf", in: folder, "for last; do :; done; case \"$last\" in\n\(cases)\nesac")
    let postfix = PostfixSettings(postconf: postconf, configuration: folder)
    return SiteTable(
      path: folder + "/sites", postfix: postfix,
      held: HeldSites(
        path: folder + "/held", postmap: postmap, postfix: postfix, configuration: folder),
      name: name)
  }

  private func list(_ folder: String) throws -> String {
    try String(contentsOfFile: folder + "/sites", encoding: .utf8)
  }

  @Test func `names the stopped by login name, and nobody else`() async throws {
    try await withFolder { folder in
      let sites = try table(
        folder, says: ["authorized_submit_users": "!\(folder)/sites, static:all"])
      var standing = Standing()
      standing["uid:65534"] = .suspended
      standing["uid:1"] = .held
      let seen = try await sites.apply(65534, standing)
      #expect(seen == "nobody stands in \(folder)/sites")
      #expect(try String(contentsOfFile: folder + "/sites", encoding: .utf8) == "nobody\n")
      #expect(try await sites.mend(standing) == [])
      standing["uid:4242"] = .suspended
      let all = standing
      let error = await #expect(throws: ActionError.self) {
        _ = try await sites.apply(4242, all)
      }
      #expect(error?.description.contains("has no login name") == true)
    }
  }

  @Test func `that Postfix does not read stops nobody, and says so`() async throws {
    try await withFolder { folder in
      let sites = try table(folder, says: ["authorized_submit_users": "static:all"])
      var standing = Standing()
      standing["uid:65534"] = .suspended
      let all = standing
      let error = await #expect(throws: ActionError.self) {
        _ = try await sites.apply(65534, all)
      }
      #expect(error?.problem == "authorized_submit_users is 'static:all': websites go on sending")
      #expect(error?.remedy.contains("!\(folder)/sites, static:all") == true)
      await #expect(throws: ActionError.self) { _ = try await sites.mend(all) }
    }
  }

  @Test(arguments: [
    ("!/t/sites, static:all", true, []), ("!/t/sites static:all", true, []),
    ("!/t/sites", true, []),
    ("root, !/t/sites, static:all", true, ["root"]),
    ("!/t/other, /t/few\n!/t/sites,static:all", true, ["/t/few"]),
    // The first that fits decides.
    ("static:all, !/t/sites", false, []), ("static:anyone,!/t/sites", false, []),
    ("all, !/t/sites", false, []),
    ("!/t/sites_held, static:all", false, []), ("!/srv/t/sites, static:all", false, []),
    ("/t/sites, static:all", false, []), ("static:all", false, []), ("", false, []),
  ])
  func `is read only where its entry is whole, and before one that fits everybody`(
    setting: String, isRead: Bool, excused: [String]
  ) {
    #expect(SubmitUsers(setting).refuses("/t/sites") == isRead)
    #expect(SubmitUsers(setting).excused(from: "/t/sites") == excused)
  }

  @Test func `that stands behind everybody stops nobody, and says so`() async throws {
    try await withFolder { folder in
      let sites = try table(
        folder, says: ["authorized_submit_users": "static:all, !\(folder)/sites"])
      var standing = Standing()
      standing["uid:65534"] = .suspended
      let all = standing
      let error = await #expect(throws: ActionError.self) { _ = try await sites.apply(65534, all) }
      #expect(error?.problem.hasSuffix("websites go on sending") == true)
    }
  }

  @Test func `is put right where somebody changed it`() async throws {
    try await withFolder { folder in
      let sites = try table(
        folder, says: ["authorized_submit_users": "!\(folder)/sites, static:all"])
      var standing = Standing()
      standing["uid:65534"] = .suspended
      _ = try await sites.apply(65534, standing)
      try "daemon\n".write(toFile: folder + "/sites", atomically: true, encoding: .utf8)
      #expect(try await sites.mend(standing).first?.contains("changed by somebody") == true)
      #expect(try String(contentsOfFile: folder + "/sites", encoding: .utf8) == "nobody\n")
    }
  }

  @Test func `cannot hold where pickup does not ask, and says that it goes on sending`()
    async throws
  {
    try await withFolder { folder in
      let sites = try table(folder, says: ["cleanup_service_name": "cleanup"])
      var standing = Standing()
      standing["uid:65534"] = .held
      let seen = try await sites.apply(65534, standing)
      #expect(seen.contains("goes on sending until the grace is over"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/held"))
    }
  }

  @Test(.enabled(if: hasPostmap, "skipped: no Postfix with lmdb on this machine"))
  func `holds by uid where pickup's own cleanup service asks`() async throws {
    try await withFolder { folder in
      let checks = "pickup-cleanup/unix/header_checks"
      let sites = try table(
        folder,
        says: [
          "pickup/unix/cleanup_service_name": "pickup/unix/cleanup_service_name = pickup-cleanup",
          checks: "\(checks) = pipemap:{ regexp:{ {/x/ 1} }, lmdb:\(folder)/held }",
        ], postmap: postmap)
      var standing = Standing()
      standing["uid:5101"] = .held
      #expect(
        try await sites.apply(5101, standing)
          == "'HOLD sending is held for a check' read back from \(folder)/held")
      #expect(try String(contentsOfFile: folder + "/held", encoding: .utf8).contains("5101 HOLD"))
      standing["uid:5101"] = nil
      #expect(try await sites.apply(5101, standing).contains("not in"))
      #expect(
        try !String(contentsOfFile: folder + "/held", encoding: .utf8).contains("5101 HOLD"))
    }
  }

  @Test func `keeps whoever has no name for a while, and goes on stopping and opening others`()
    async throws
  {
    try await withFolder { folder in
      let names = Names()
      let sites = try table(
        folder, says: ["authorized_submit_users": "!\(folder)/sites, static:all"],
        name: names.ask)
      var standing = Standing()
      for uid in ["uid:5001", "uid:10", "uid:20"] { standing[uid] = .suspended }
      try await sites.rebuild(standing)
      names.isAway.withLock { $0 = true }
      let before = standing
      let error = await #expect(throws: ActionError.self) { _ = try await sites.mend(before) }
      #expect(error?.description.contains("uid 5001: cannot be asked") == true)
      #expect(try list(folder) == "web10\nweb20\nweb5001\n")
      standing["uid:30"] = .suspended
      _ = try await sites.apply(30, standing)
      standing["uid:20"] = nil
      _ = try await sites.apply(20, standing)
      #expect(try list(folder) == "web10\nweb30\nweb5001\n")
      // Whose line goes out must be known.
      standing["uid:5001"] = nil
      let opened = standing
      names.isAway.withLock { $0 = false }
      _ = try await sites.apply(5001, opened)
      #expect(try list(folder) == "web10\nweb30\n")
      // Somebody's entry was taken away: the others' are not waited for.
      standing["uid:4242"] = .suspended
      let nameless = standing
      await #expect(throws: ActionError.self) { try await sites.rebuild(nameless) }
      #expect(try list(folder) == "web10\nweb30\n")
    }
  }

  @Test func `is written also where the table of held websites fails`() async throws {
    try await withFolder { folder in
      // postconf says nothing at all, and postmap fails.
      let failing = try fake("postconf", in: folder, "exit 1")
      let postfix = PostfixSettings(postconf: failing, configuration: folder)
      let held = HeldSites(
        path: folder + "/held", postmap: "/bin/false", postfix: postfix, configuration: folder)
      let sites = SiteTable(path: folder + "/sites", postfix: postfix, held: held)
      var standing = Standing()
      standing["uid:65534"] = .suspended
      let stopped = standing
      await #expect(throws: ActionError.self) { _ = try await sites.apply(65534, stopped) }
      #expect(try list(folder) == "nobody\n")
      standing["uid:65534"] = nil
      let opened = standing
      await #expect(throws: ActionError.self) { _ = try await sites.apply(65534, opened) }
      #expect(try list(folder) == "")
    }
  }

  @Test func `is written and mended also where the accounts' table fails`() async throws {
    try await withFolder { folder in
      let sites = try table(
        folder, says: ["authorized_submit_users": "!\(folder)/sites, static:all"])
      let actuator = PostfixActuator(
        table: PostfixTable(
          path: folder + "/accounts", text: "x", postmap: "/bin/false", configuration: folder),
        sites: sites, doveadm: nil)
      var standing = Standing()
      standing["uid:65534"] = .suspended
      let stopped = standing
      await #expect(throws: ActionError.self) { try await actuator.begin(stopped) }
      #expect(try list(folder) == "nobody\n")
      try "daemon\n".write(toFile: folder + "/sites", atomically: true, encoding: .utf8)
      await #expect(throws: ActionError.self) { _ = try await actuator.lookAgain(stopped) }
      #expect(try list(folder) == "nobody\n")
    }
  }
}

@Suite struct `A login name` {
  @Test func `is asked of the host, and many may ask at once`() async throws {
    #expect(try LoginName.of(0) == "root")
    #expect(try LoginName.of(0x7fff_0123) == nil)
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask {
          let uid: Int32 = number % 2 == 0 ? 0 : 65534
          return (try? LoginName.of(uid)) == (uid == 0 ? "root" : "nobody")
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
