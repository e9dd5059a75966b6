import Foundation
import Synchronization
import Testing
import Web

private final class Heard: Sendable {
  let texts = Mutex<[String]>([])
  func hear(_ text: String) { texts.withLock { $0.append(text) } }
  var all: [String] { texts.withLock { $0 } }
}

@Suite struct `What keeps the pages away` {
  private func until(_ isSo: () -> Bool) async throws {
    for _ in 0..<500 where !isSo() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(isSo())
  }

  @Test func `is told once, and when it is gone they are there`() async throws {
    let folder = "/tmp/sw-ws-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let house = House()
    let site = try house.site {
      $0.form = try? WebSettings.Place("\(folder)/form", setting: "web.listen")
    }
    let heard = Heard()
    let key = folder + "/form.key"
    try Data().write(to: URL(fileURLWithPath: key))
    let tries = Mutex(0)
    let service = WebService(
      site.settings, pause: .milliseconds(10), complain: { heard.hear($0) },
      site: { () throws(WebError) in
        tries.withLock { $0 += 1 }
        _ = try FormKey.load(key)
        return site
      })
    let running = Task { await service.run() }
    try await until { tries.withLock { $0 } > 3 }
    #expect(
      heard.all == [
        "the pages are not served: \(key): is no key of 32 bytes; remove it, and a new one is made; "
          + "links in old notices are void then"
      ])
    try FileManager.default.removeItem(atPath: key)
    try await until { FileManager.default.fileExists(atPath: folder + "/form") }
    #expect(heard.all.count == 1)
    running.cancel()
    await running.value
  }

  @Test func `is looked for while they are served`() async throws {
    let folder = "/tmp/sw-ws-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let house = House()
    let users = folder + "/users"
    try "# nobody yet\n".write(toFile: users, atomically: true, encoding: .utf8)
    let site = try house.site {
      $0.form = nil
      $0.staff = try? WebSettings.Place("\(folder)/staff", setting: "web.staff_listen")
      $0.staffUsers = users
    }
    let heard = Heard()
    let service = WebService(
      site.settings, pause: .milliseconds(10), complain: { heard.hear($0) }, site: { site })
    let running = Task { await service.run() }
    try await until { FileManager.default.fileExists(atPath: folder + "/staff") }
    #expect(heard.all.isEmpty)
    try "anna:plain\n".write(toFile: users, atomically: true, encoding: .utf8)
    try await until { heard.all.count == 1 }
    #expect(heard.all[0].hasPrefix("\(users):1: the hash of anna is none"))
    try "anna\n".write(toFile: users, atomically: true, encoding: .utf8)
    try await until { heard.all.count == 2 }
    running.cancel()
    await running.value
  }
}
