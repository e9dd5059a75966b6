import Foundation
import Testing

/// What goes wrong around the service reaches the operator by webhook too; what it guards stays guarded.
@Suite(.serialized) struct `A mail system that fails` {
  private let hook: HookServer
  private let dora = "dora@suedlicht.example"

  init() throws { hook = try HookServer() }

  @Test func `is told of where postsuper does nothing, and the account is stopped all the same`()
    throws
  {
    let service = try Guarded.acting(
      more: hook.settings(), postsuper: "cat > /dev/null; echo 'queue file is ill' >&2; exit 1")
    try service.start()
    try service.waitUntilReady()
    service.spam(dora, count: 20)
    try service.wait("no word of the suspension") { hook.heard("more than an honest sender") }
    try service.wait("no word of the fault") { hook.heard("queue file is ill") }
    try service.wait("not said") { try service.said("failed \(dora)") }
    let table = try String(contentsOfFile: service.folder + "/table.lmdb", encoding: .utf8)
    #expect(table.hasPrefix("\(dora) REJECT"))
    #expect(service.end() == 0)
  }

  /// Sending is open before that; what is kept back of an innocent is still to be let go.
  @Test func `keeps an account from being forgotten while its order is not carried out`() throws {
    let service = try Guarded.acting()
    try service.script("postqueue", "exit 1")
    try service.start()
    try service.waitUntilReady()
    service.spam(dora, count: 20)
    try service.wait("no case") { try service.command(["cases"]).output.contains("#1 ") }
    _ = try service.command(["dismiss", dora, "--reason", "a mistake"])
    try service.wait("no fault") { try service.said("queued mail of \(dora): still on hold") }
    let refused = try service.command(["forget", dora, "--reason", "asked by letter"]).errors
    #expect(refused.contains("the order to open \(dora) is not carried out yet"), "\(refused)")
    #expect(service.end() == 0)
  }

  @Test func `is told of where its log is gone`() throws {
    let service = try Guarded(dryRun: true, more: hook.settings())
    try service.start()
    try service.waitUntilReady()
    service.spam(dora)
    try service.wait("not read") { try service.count("messages") == 1 }
    #expect(service.end() == 0)
    let log = service.folder + "/mail.log"
    let lines = try String(contentsOfFile: log, encoding: .utf8)
    try FileManager.default.removeItem(atPath: log)
    // Another inode, and it begins otherwise.
    try Data("Nov 26 03:00:00 mx1 postfix/qmgr[7]: AB99999FB0: removed\n\(lines)".utf8).write(
      to: URL(fileURLWithPath: log))
    try service.start()
    try service.waitUntilReady()
    try service.wait("no word") { hook.heard("is gone: lines are missing") }
    #expect(service.end() == 0)
  }
}
