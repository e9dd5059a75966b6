import Foundation
import Testing

@Suite(.serialized) struct `A policy that is broken` {
  private func guarded() throws -> Guarded {
    let service = try Guarded(dryRun: true)
    let own = service.folder + "/policies"
    try FileManager.default.copyItem(atPath: root + "/policies", toPath: own)
    let text = try String(contentsOfFile: service.settings, encoding: .utf8)
    try text.replacing("policies: \(root)/policies", with: "policies: \(own)")
      .write(toFile: service.settings, atomically: true, encoding: .utf8)
    return service
  }

  @Test(arguments: ["rejections.lua", "notices/de.lua"])
  func `leaves nobody unguarded: a restart goes on with those of the last run`(file: String) throws
  {
    let service = try guarded()
    let path = service.folder + "/policies/" + file
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

  @Test func `ends the first run, which has nothing to go on with`() throws {
    let service = try guarded()
    try "nonsense".write(
      toFile: service.folder + "/policies/rejections.lua", atomically: true, encoding: .utf8)
    let result = try service.command(["run"])
    #expect(result.status == 65 && result.errors.contains("rejections.lua:1"))
  }
}
