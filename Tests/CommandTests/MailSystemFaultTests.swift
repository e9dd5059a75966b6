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
    #expect(try service.said("failed \(dora)"))
    let table = try String(contentsOfFile: service.folder + "/table.map", encoding: .utf8)
    #expect(table.hasPrefix("\(dora) REJECT"))
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
