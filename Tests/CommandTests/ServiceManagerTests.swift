import Events
import Foundation
import Testing

@testable import sperrwerk

@Suite struct `The signs of life` {
  private func at(_ seconds: Double) -> Instant {
    Instant(microseconds: Int64(seconds * 1_000_000))
  }

  @Test func `are given at half of the time that is waited`() {
    var signs = LifeSigns(watchdog: TimeSpan(seconds: 30))
    let told = stride(from: 0.0, to: 61, by: 1).filter {
      signs.turn(at: at($0), status: { "idle" })?.contains("WATCHDOG=1") == true
    }
    #expect(told == [0, 15, 30, 45, 60])
  }

  @Test func `are not given where nobody watches`() {
    var signs = LifeSigns(watchdog: nil)
    #expect(signs.turn(at: at(0), status: { "idle" }) == "STATUS=idle")
    #expect(signs.turn(at: at(600), status: { "idle" }) == nil)
  }

  @Test func `say what the service does when that has changed, not at each turn`() {
    var signs = LifeSigns(watchdog: nil)
    var asked = 0
    func status(_ text: String) -> () -> String {
      {
        asked += 1
        return text
      }
    }
    #expect(signs.turn(at: at(0), status: status("a")) == "STATUS=a")
    for turn in 1..<5 {
      #expect(signs.turn(at: at(Double(turn)), status: status("b")) == nil)
    }
    #expect(asked == 1)
    #expect(signs.turn(at: at(5), status: status("two\nWATCHDOG=1")) == "STATUS=two WATCHDOG=1")
  }

  @Test func `ask for more time while old logs are read`() {
    var signs = LifeSigns(watchdog: nil)
    #expect(
      signs.warming(at: at(0), status: { "reading" })
        == "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=reading")
    #expect(signs.warming(at: at(9), status: { "reading" }) == nil)
    #expect(signs.warming(at: at(10), status: { "reading" }) != nil)
  }
}

/// A service manager's end of the socket, and a service that is told of it.
private final class Watched {
  let folder = "/tmp/sw-" + UUID().uuidString.prefix(8)
  private let descriptor: Int32
  private let process = Process()

  /// - Parameter watchdog: what the service is told, in microseconds.
  init(watchdog: Int) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: folder + "/state", withIntermediateDirectories: true)
    try files.copyItem(atPath: root + "/policies", toPath: folder + "/policies")
    _ = files.createFile(atPath: folder + "/mail.log", contents: nil)
    try """
    dry_run: true
    state: \(folder)/state
    policies: \(folder)/policies
    logs: [\(folder)/mail.log]
    policy_service:
      socket: \(folder)/policy
    operators:
      socket: \(folder)/operators
    """.write(toFile: folder + "/sperrwerk.yaml", atomically: true, encoding: .utf8)
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)
    try bindTo(folder + "/notify")
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["run", "--settings", folder + "/sperrwerk.yaml"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["NOTIFY_SOCKET": folder + "/notify", "WATCHDOG_USEC": "\(watchdog)"]
    ) { _, new in new }
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/null"))
    try process.run()
  }

  deinit {
    kill(process.processIdentifier, SIGCONT)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    close(descriptor)
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func bindTo(_ path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      unsafe room.copyBytes(from: Array(path.utf8))
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, size)
      }
    }
    try #require(bound == 0)
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  var status: Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// The next message; nil when none has come in time.
  func message(within seconds: Double) -> String? {
    var wanted = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    guard unsafe poll(&wanted, 1, Int32(seconds * 1000)) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }

  /// Whether a message with this text comes in time; others are passed over.
  func hears(_ text: String, within seconds: Double = 30) -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    while end.timeIntervalSinceNow > 0, let next = message(within: end.timeIntervalSinceNow) {
      if next.contains(text) { return true }
    }
    return false
  }

  /// What was sent before does not count for what comes now.
  func drain() { while message(within: 0) != nil {} }
}

@Suite(.serialized) struct `A service under a manager` {
  @Test func `says when it is ready, what it does, that it lives, and when it ends`() throws {
    let service = try Watched(watchdog: 2_000_000)
    #expect(service.hears("READY=1", within: 120))
    #expect(service.hears("STATUS=dry run; 0 stopped, 0 lines read"))
    // Nothing happens, and still the loop turns.
    for _ in 0..<3 { #expect(service.hears("WATCHDOG=1", within: 10)) }
    service.send(SIGHUP)
    #expect(service.hears("RELOADING=1\nMONOTONIC_USEC="))
    #expect(service.hears("READY=1"))
    service.send(SIGTERM)
    #expect(service.hears("STOPPING=1"))
    #expect(service.status == 0)
  }

  @Test func `is silent while its loop is stuck, though its other threads are well`() throws {
    let service = try Watched(watchdog: 1_000_000)
    #expect(service.hears("WATCHDOG=1", within: 120))
    // A policy file that never ends: the loop waits for it in a system call.
    let pipe = service.folder + "/policies/stuck.lua"
    try #require(unsafe mkfifo(pipe, 0o600) == 0)
    service.send(SIGHUP)
    #expect(service.hears("RELOADING=1"))
    service.drain()
    #expect(!service.hears("WATCHDOG=1", within: 4))
    // The operators' socket still takes a caller: only the loop hangs.
    let caller = Process()
    caller.executableURL = URL(fileURLWithPath: program)
    caller.arguments = ["status", "--settings", service.folder + "/sperrwerk.yaml"]
    caller.standardError = FileHandle.nullDevice
    caller.standardOutput = FileHandle.nullDevice
    try caller.run()
    #expect(!service.hears("WATCHDOG=1", within: 1))
    // When the file ends, the loop goes on.
    let end = unsafe open(pipe, O_WRONLY)
    try FileManager.default.removeItem(atPath: pipe)
    close(end)
    #expect(service.hears("WATCHDOG=1"))
    caller.waitUntilExit()
    #expect(caller.terminationStatus == 0)
  }

  @Test func `is silent while it is stopped`() throws {
    let service = try Watched(watchdog: 1_000_000)
    #expect(service.hears("WATCHDOG=1", within: 120))
    service.send(SIGSTOP)
    service.drain()
    #expect(!service.hears("WATCHDOG=1", within: 3))
    service.send(SIGCONT)
    #expect(service.hears("WATCHDOG=1"))
  }
}
