import Actions
import Events
import Foundation
import Testing

@Suite struct `What Postfix is told of` {
  private func missing(_ folder: String, _ program: String) -> MissingTables {
    MissingTables(
      tables: [folder + "/accounts", folder + "/websites_held"], sites: folder + "/websites",
      postmap: program, configuration: folder)
  }

  @Test(.enabled(if: hasPostmap, "skipped: no Postfix with lmdb on this machine"))
  func `is made where it is missing, and can be asked`() async throws {
    try await withFolder { folder in
      let made = try await missing(folder, postmap).make()
      #expect(
        made.map { $0.replacing(folder + "/", with: "") }
          == ["websites", "accounts.lmdb", "websites_held.lmdb"])
      for table in ["accounts", "websites_held"] {
        let asked = try await Program(postmap).run(
          ["-c", folder, "-q", "x", "lmdb:\(folder)/\(table)"])
        // Not found, without a word of complaint.
        #expect(asked.status == 1 && asked.errors.isEmpty, "\(asked.errors)")
      }
      let mode = try FileManager.default.attributesOfItem(atPath: folder + "/websites")
      #expect(mode[.posixPermissions] as? Int == 0o644)
      #expect(try await missing(folder, postmap).make().isEmpty)
    }
  }

  @Test func `stays as it is where it is there`() async throws {
    try await withFolder { folder in
      for name in ["accounts", "accounts.lmdb", "websites_held.lmdb", "websites"] {
        try "as it was\n".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      }
      #expect(try await missing(folder, "/bin/false").make().isEmpty)
      #expect(try String(contentsOfFile: folder + "/websites", encoding: .utf8) == "as it was\n")
    }
  }

  @Test func `is missed with a word on what to do`() async throws {
    try await withFolder { folder in
      let error = await #expect(throws: ActionError.self) {
        _ = try await missing(folder, "/bin/false").make()
      }
      #expect(error?.description.contains("install postfix-lmdb") == true)
    }
  }
}
