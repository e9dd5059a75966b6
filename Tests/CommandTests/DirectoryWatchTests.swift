import Events
import Foundation
import Testing

@testable import sperrwerk

@Suite struct `A directory that others write` {
  private let folder = NSTemporaryDirectory() + "tables-" + UUID().uuidString

  private func write(_ text: String, _ name: String = "accounts.csv") throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
  }

  @Test func `is taken when it has changed and rests, and what is not well not at each look`()
    throws
  {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try write("account\na@b.example\n")
    let mailbox = Mailbox()
    func settings(_ name: String) throws -> LiveSettings {
      try LiveSettings("accounts: \(folder)/\(name)\n", file: "s.yaml")
    }
    let watch = DirectoryWatch(try settings("accounts.csv"), mailbox)
    var minute: Int64 = 0
    /// What was handed on at one look more, a minute later.
    func look() -> [@Sendable () -> Void] {
      minute += 1
      watch.look(at: TimeSpan(seconds: minute * 60))
      return mailbox.take().compactMap { if case .directory(let taken) = $0 { taken } else { nil } }
    }
    #expect(look().isEmpty)
    try write("account\na@b.example\nc@")
    #expect(look().isEmpty)
    // The panel goes on writing.
    try write("account\na@b.example\nc@d.example\n")
    #expect(look().isEmpty)
    #expect(look().count == 1)
    // The loop could not take it: it is tried again in an hour.
    let hour = (0..<59).flatMap { _ in look() }
    #expect(hour.isEmpty)
    let again = look()
    #expect(again.count == 1)
    again.first?()
    #expect(look().isEmpty && look().isEmpty)
    try write("account\n", "other.csv")
    watch.reloaded(try settings("other.csv"))
    #expect(look().isEmpty && look().count == 1)
  }

  @Test func `decides from then on, without a reload`() throws {
    let dora = "dora@suedlicht.example"
    let service = try Guarded(dryRun: true)
    let table = service.folder + "/accounts.csv"
    try "account,customer\n".write(toFile: table, atomically: true, encoding: .utf8)
    let text = try String(contentsOfFile: service.settings, encoding: .utf8)
    try (text + "\naccounts: \(table)\n").write(
      toFile: service.settings, atomically: true, encoding: .utf8)
    try service.start(environment: ["SPERRWERK_TABLES_EVERY": "1s"])
    try service.waitUntilReady()
    try "account,customer\n\(dora),suedlicht\n".write(
      toFile: table, atomically: true, encoding: .utf8)
    try service.wait("not taken") { try service.said("the directory is taken anew") }
    let suspend = ["suspend", "--customer", "suedlicht", "--reason", "asked"]
    #expect(try service.command(suspend).output.contains("would suspend 1 mailbox"))
    #expect(service.end() == 0)
  }
}
