import Foundation
import Testing

@Suite(.serialized) struct `A policy that is broken` {
  /// - Parameter hasTemplates: the notices' templates lie in a folder of their own.
  private func guarded(hasTemplates: Bool = false) throws -> Guarded {
    let service = try Guarded(dryRun: true)
    let own = service.folder + "/policies"
    try FileManager.default.copyItem(atPath: root + "/policies", toPath: own)
    let text = try String(contentsOfFile: service.settings, encoding: .utf8)
    var settings = text.replacing("policies: \(root)/policies", with: "policies: \(own)")
    if hasTemplates {
      try FileManager.default.moveItem(atPath: own + "/notices", toPath: service.folder + "/mails")
      settings += "\nnotices:\n  templates: \(service.folder)/mails\n"
    }
    try settings.write(toFile: service.settings, atomically: true, encoding: .utf8)
    return service
  }

  @Test(arguments: ["policies/rejections.lua", "policies/notices/de.lua", "mails/de.lua"])
  func `leaves nobody unguarded: a restart goes on with those of the last run`(file: String) throws
  {
    let service = try guarded(hasTemplates: file.hasPrefix("mails"))
    let path = service.folder + "/" + file
    let good = try String(contentsOfFile: path, encoding: .utf8)
    try service.start()
    try service.waitUntilReady()
    #expect(service.end() == 0)
    try (good + "\nnonsense").write(toFile: path, atomically: true, encoding: .utf8)
    // More than once: what is kept stays well.
    for _ in 0..<2 {
      try service.start()
      try service.waitUntilReady()
      #expect(try service.said("ALERT: policies, lists, tables and templates stay as the last run"))
      #expect(try service.command(["reload"]).status != 0)
      #expect(service.end() == 0)
    }
    try service.start()
    try service.waitUntilReady()
    for _ in 0..<20 { service.spam("dora@suedlicht.example") }
    try service.wait("no case") { try service.command(["cases"]).output.contains("dora@") }
    try good.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try service.command(["reload"]).output.contains("policies are in force"))
    #expect(service.end() == 0)
  }

  @Test func `is what an earlier version took, and goes on after an upgrade`() throws {
    let service = try guarded()
    try service.start()
    try service.waitUntilReady()
    #expect(service.end() == 0)
    let state = service.folder + "/state/dry-run"
    let kept = try #require(
      try FileManager.default.contentsOfDirectory(atPath: state).first { $0.hasPrefix("policies.") }
    )
    for folder in [service.folder, "\(state)/\(kept)"] {
      let path = folder + "/policies/relapse.lua"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacing("sperrwerk.suspend", with: "sperrwerk.suspnd")
        .write(toFile: path, atomically: true, encoding: .utf8)
    }
    try service.start()
    try service.waitUntilReady()
    #expect(try service.said("sperrwerk has no 'suspnd'; did you mean 'suspend'?"))
    #expect(try service.command(["status"]).status == 0)
    #expect(service.end() == 0)
  }

  @Test func `ends the first run, which has nothing to go on with`() throws {
    let service = try guarded()
    try "nonsense".write(
      toFile: service.folder + "/policies/rejections.lua", atomically: true, encoding: .utf8)
    let result = try service.command(["run"])
    #expect(result.status == 65 && result.errors.contains("rejections.lua:1"))
  }
}
