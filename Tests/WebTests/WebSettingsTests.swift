import Events
import Foundation
import Hummingbird
import Synchronization
import Testing

@testable import Web

@Suite struct `The pages' settings` {
  @Test(
    arguments: [
      ("127.0.0.1:8025", "127.0.0.1", 8025), ("[::1]:8025", "::1", 8025),
      ("localhost:0", "localhost", 0),
      ("/run/sperrwerk/form", "/run/sperrwerk/form", nil), ("0.0.0.0:443", "0.0.0.0", 443),
    ] as [(String, String, Int?)])
  func `name a place to listen on`(text: String, host: String, port: Int?) throws {
    let place = try WebSettings.Place(text, setting: "web.listen")
    #expect(place.host == host && place.port == port)
  }

  @Test(arguments: [
    "", "8025", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "form.example:80", ":80",
  ])
  func `refuse what is none`(text: String) {
    let error = #expect(throws: WebError.self) {
      try WebSettings.Place(text, setting: "web.listen")
    }
    #expect(
      error.map { "\($0)" }
        == "web.listen: '\(text)' is no address to listen on; write ADDRESS:PORT, such as "
        + "127.0.0.1:8025 or [::1]:8025, or the path of a socket")
  }

  @Test func `keep passwords off the network in the clear`() throws {
    var settings = WebSettings()
    settings.staff = try WebSettings.Place("192.0.2.1:8026", setting: "web.staff_listen")
    let error = #expect(throws: WebError.self) { try settings.check() }
    #expect(
      error.map { "\($0)" }?.hasPrefix(
        "web.staff_listen: 192.0.2.1:8026 is open to the network, without TLS; listen on 127.0.0.1")
        == true)
    settings.form = try WebSettings.Place("[2001:db8::1]:80", setting: "web.listen")
    let form = #expect(throws: WebError.self) { try settings.check() }
    #expect(form?.place == "web.listen")
    settings.proxies = [AddressRange("192.0.2.2")!]
    try settings.check()
    // A file that is not well keeps nobody from starting.
    #expect(settings.fileFaults.map { $0.fault?.problem } == ["cannot be read"])
  }

  private func certify(_ name: String, in folder: String) throws {
    let openssl = Process()
    openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    openssl.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "2", "-subj", "/CN=\(name).example", "-keyout", "\(folder)/\(name).key", "-out",
      "\(folder)/\(name).pem",
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
  }

  @Test func `name a certificate that goes on as it was last while half of it is renewed`() throws {
    let folder = "/tmp/sw-tls-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try certify("one", in: folder)
    let certificate = Certificate(chain: folder + "/one.pem", key: folder + "/one.key")
    let first = try #require(certificate.serving?.changed)
    try certify("one", in: folder)
    let second = try #require(certificate.serving?.changed)
    #expect(second != first)
    try "half".write(toFile: folder + "/one.key", atomically: true, encoding: .utf8)
    #expect(certificate.serving?.changed == second && certificate.fault != nil)
  }

  @Test func `name a certificate and its own key`() throws {
    let folder = "/tmp/sw-tls-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["one", "other"] { try certify(name, in: folder) }
    func problem(_ chain: String, _ key: String) -> String? {
      Certificate(chain: "\(folder)/\(chain)", key: "\(folder)/\(key)").fault
        .map { "\($0)".replacing(folder + "/", with: "") }
    }
    #expect(problem("one.pem", "one.key") == nil)
    #expect(
      problem("one.pem", "other.key")
        == "other.key: is not the key of one.pem; name the two that belong together")
    #expect(
      problem("none.pem", "one.key")?.hasPrefix("none.pem: no certificate can be read; give")
        == true)
    #expect(problem("one.pem", "one.pem")?.hasPrefix("one.pem: no key can be read; give") == true)
  }

  @Test(arguments: [nil, 33] as [UInt32?])
  func `open a unix socket to one group, and to nobody else`(group: UInt32?) async throws {
    let path = "/tmp/sw-web-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let house = House()
    var site = try house.site {
      $0.form = try? WebSettings.Place(path, setting: "web.listen")
      $0.socketGroup = group
    }
    let said = Mutex("")
    site.complain = { text in said.withLock { $0 = text } }
    let app = try house.form(site)
    let server = Task { try await app.run() }
    func found(_ key: FileAttributeKey) -> Int? {
      (try? FileManager.default.attributesOfItem(atPath: path))?[key] as? Int
    }
    // Made first, and then given its mode.
    for _ in 0..<500 where found(.posixPermissions) != 0o660 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(found(.posixPermissions) == 0o660)
    if geteuid() == 0 {
      #expect(found(.groupOwnerAccountID) == Int(group ?? 0))
    } else if let group {
      #expect(said.withLock { $0 }.contains("cannot be given to group \(group)"))
    }
    server.cancel()
    _ = await server.result
  }

  @Test func `have a key of their own for links, that only the service reads`() throws {
    let file = "/tmp/sw-key-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let made = try FormKey.load(file)
    #expect(try FormKey.load(file) == made)
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let nowhere = #expect(throws: WebError.self) { try FormKey.load("/nowhere/form.key") }
    #expect(
      nowhere.map { "\($0)" }
        == "/nowhere/form.key: cannot be made: no such file or directory; "
        + "see that its folder may be written and has room")
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file))
    let error = #expect(throws: WebError.self) { try FormKey.load(file) }
    #expect(error.map { "\($0)" }?.hasPrefix("\(file): is no key of 32 bytes; remove it") == true)
  }
}
