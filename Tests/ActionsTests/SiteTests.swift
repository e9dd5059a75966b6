import Actions
import Events
import Foundation
import Testing

@Suite struct `A website's list` {
  /// - Parameter says: what postconf prints, by its last argument.
  private func table(_ folder: String, says: [String: String], postmap: String = "/bin/false")
    throws -> SiteTable
  {
    let cases = says.map { "\($0.key)) echo '\($0.value)';;" }.joined(separator: "\n")
    let postconf = try fake(
      "postconf", in: folder, "for last; do :; done; case \"$last\" in\n\(cases)\nesac")
    let postfix = PostfixSettings(postconf: postconf, configuration: folder)
    return SiteTable(
      path: folder + "/sites", postfix: postfix,
      held: HeldSites(
        path: folder + "/held", postmap: postmap, postfix: postfix, configuration: folder))
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
}
