import Foundation
import Testing

/// How often a test kills; the whole is `TEST_KILLS=200`.
private let kills =
  ProcessInfo.processInfo.environment["TEST_KILLS"].flatMap { Int($0) } ?? 8

@Suite(.serialized) struct `A service that is killed` {
  @Test func `loses no case, does nothing twice, counts each line once`() throws {
    var dice = Dice(state: 20_261_124)
    let service = try Guarded.acting(more: "brakes:\n  least: 1000\n  suspensions: 1000")
    try service.start()
    try service.waitUntilReady()
    var (stopped, opened): ([String], [String]) = ([], [])
    for round in 0..<kills {
      let thief = "thief\(round)@nordwind.example"
      let instant = Int.random(in: 0..<18, using: &dice)
      for mail in 0..<18 {
        service.spam(thief)
        usleep(UInt32.random(in: 0...3000, using: &dice))
        guard mail == instant else { continue }
        service.kill()
        try service.start()
      }
      stopped.append(thief)
      try service.waitUntilReady()
      // What an operator was told to be ordered is so, whatever comes.
      let customer = "customer\(round)@nordwind.example"
      #expect(try service.command(["suspend", customer, "--reason", "asked"]).status == 0)
      service.kill()
      try service.start()
      try service.waitUntilReady()
      if Bool.random(using: &dice) {
        #expect(try service.command(["restore", customer, "--reason", "asked"]).status == 0)
        opened.append(customer)
      } else {
        stopped.append(customer)
      }
    }
    try service.wait("the stopped differ") { try service.count("suspended") == stopped.count }
    #expect(try service.count("messages") == service.number)
    let cases = try service.command(["cases", "--all", "--format", "json"]).output
    let list = try #require(
      JSONSerialization.jsonObject(with: Data(cases.utf8)) as? [[String: Any]])
    let subjects = list.compactMap { $0["subject"] as? String }
    #expect(subjects.sorted() == (stopped + opened).sorted(), "one case for each")
    // The table holds exactly those who are stopped.
    try service.wait("the table differs") {
      let table = try String(contentsOfFile: service.folder + "/table.lmdb", encoding: .utf8)
      return table.split(separator: "\n").map { String($0.prefix { $0 != " " }) }.sorted()
        == stopped.sorted()
    }
    #expect(service.end() == 0)
  }

  /// In a content filter, say, when its sender was stopped and the service ended.
  @Test func `holds what came into the log late, though it was away`() throws {
    let service = try Guarded.acting(postsuper: "cat >> \"$(dirname \"$0\")/held\"")
    let thief = "dora@suedlicht.example"
    try service.start()
    try service.waitUntilReady()
    service.spam(thief, count: 20)
    try service.wait("not suspended") {
      try service.command(["case", "1"]).output.contains("policy service answers REJECT")
    }
    service.kill()
    service.takeOn(thief, "AFFFFFFB0")
    try service.start()
    try service.wait("not held") {
      let held = try? String(contentsOfFile: service.folder + "/held", encoding: .utf8)
      return held?.contains("AFFFFFFB0") == true
    }
  }
}

@Suite(.serialized) struct `What a service recorded` {
  @Test func `is decided again, byte for byte`() throws {
    let service = try Guarded(dryRun: true)
    let folder = service.folder + "/record"
    service.spam("before@nordwind.example")
    try service.start(["--record", folder])
    try service.waitUntilReady()
    for _ in 0..<20 { service.spam("dora@suedlicht.example") }
    _ = try service.command(["suspend", "anna@nordwind.example", "--reason", "asked"])
    #expect(try service.command(["reload"]).status == 0)
    for _ in 0..<20 { service.spam("bernd@nordwind.example") }
    try service.wait("no case") { try service.command(["cases"]).output.contains("bernd@") }
    _ = try service.command(["restore", "anna@nordwind.example", "--reason", "renewed"])
    #expect(service.end() == 0)
    let same = try sperrwerk(["replay", "--recorded", folder])
    #expect(same.status == 0)
    #expect(same.output.contains("the same as the service's, byte for byte"), "\(same)")
    let again = try sperrwerk(["replay", "--recorded", folder, "--decisions", folder + "/again"])
    #expect(again.status == 0)
    let recorded = try Data(contentsOf: URL(fileURLWithPath: folder + "/decisions.jsonl"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/again")) == recorded)
    #expect(recorded.contains(Data("asked".utf8)))

    // Cut in the middle, as by a kill, and changed.
    try recorded.prefix(upTo: recorded.firstIndex(of: 10)! + 1)
      .write(to: URL(fileURLWithPath: folder + "/decisions.jsonl"))
    #expect(
      try sperrwerk(["replay", "--recorded", folder]).output.contains("ended before its last"))
    try Data("{}\n".utf8).write(to: URL(fileURLWithPath: folder + "/decisions.jsonl"))
    let other = try sperrwerk(["replay", "--recorded", folder])
    #expect(other.status == 1)
    #expect(other.output.contains("decisions.jsonl:1: {}"))
  }

  @Test func `is asked for in a clear way`() throws {
    let service = try Guarded(dryRun: true)
    #expect(try sperrwerk(["replay"]).errors.contains("name mail logs, or --recorded DIR"))
    let nothing = try sperrwerk(["replay", "--recorded", service.folder])
    #expect(nothing.status == 66 && nothing.errors.contains("decisions.jsonl: no such file"))
    try Data().write(to: URL(fileURLWithPath: service.folder + "/decisions.jsonl"))
    #expect(
      try sperrwerk(["replay", "--recorded", service.folder]).errors.contains("no recording"))
    try service.start(["--record", service.folder + "/record"])
    try service.waitUntilReady()
    service.kill()
    try service.start(["--record", service.folder + "/record"])
    try service.wait("no complaint") { try service.said("has a recording already") }
  }
}

@Suite(.serialized) struct `A service whose disk fails` {
  private static let canMount = getuid() == 0

  private let hook: HookServer

  init() throws { hook = try HookServer() }

  /// A state folder with so little room that it can be filled.
  private func service() throws -> Guarded {
    let service = try Guarded(dryRun: true, more: hook.settings())
    guard
      try run("/bin/mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", service.folder + "/state"])
        .status == 0
    else {
      try Test.cancel("nothing can be mounted here")
    }
    return service
  }

  private func unmount(_ service: Guarded) {
    service.kill()
    _ = try? run("/bin/umount", ["-l", service.folder + "/state"])
  }

  /// While something is wrong nothing takes effect, which is said; afterwards nothing is missing.
  /// - Parameters:
  ///   - keepsInputs: then what an operator orders meanwhile is not lost, and he need not care.
  ///   - ends: whether what makes it right again ends the service and starts another.
  private func tell(
    _ service: Guarded, keepsInputs: Bool, ends: Bool = false, wrong: () throws -> Void,
    right: () throws -> Void
  ) throws {
    try service.start()
    try service.waitUntilReady()
    try wrong()
    for _ in 0..<20 { service.spam("dora@suedlicht.example") }
    try service.wait("no alert") { try service.said("ALERT: decisions wait") }
    try service.wait("no word by webhook") { hook.heard("decisions wait, and nothing new is") }
    #expect(try service.command(["status"]).output.contains("state"))
    let order = try service.command(["suspend", "anna@nordwind.example", "--reason", "x"])
    #expect((order.status == 0) == keepsInputs)
    #expect(order.errors.contains("not written down yet") != keepsInputs)
    try right()
    try service.wait("no case") { try service.command(["cases", "1"]).output.contains("dora@") }
    try service.wait("nothing is said of it") { try ends || service.said("decisions take effect") }
    service.kill()
    try service.start()
    try service.waitUntilReady()
    let cases = try service.command(["cases"]).output
    #expect(cases.contains("#1 suspended dora@"))
    // An order that was answered with "not written down yet" may be lost with the service.
    #expect(ends || cases.contains("suspended anna@"))
  }

  @Test(.enabled(if: canMount, "mounting a small file system needs root"))
  func `waits while the disk is full`() throws {
    let service = try service()
    defer { unmount(service) }
    let filler = service.folder + "/state/filler"
    try tell(service, keepsInputs: false) {
      _ = try run("/bin/sh", ["-c", "cat /dev/zero > \(filler)"])
    } right: {
      try FileManager.default.removeItem(atPath: filler)
    }
  }

  @Test(.enabled(if: canMount, "mounting a small file system needs root"))
  func `does not start on a read-only disk, and says so`() throws {
    let service = try service()
    defer { unmount(service) }
    let state = service.folder + "/state"
    #expect(try run("/bin/mount", ["-o", "remount,ro", state]).status == 0)
    try service.start()
    try service.wait("no complaint") { try service.said("see that its folder is writable") }
    #expect(service.end(0) == 66)
  }

  /// As a file system does that has found itself damaged: it stays so until it is mounted anew.
  @Test(.enabled(if: canMount, "mounting a small file system needs root"))
  func `tells of a disk that becomes read-only, and loses nothing of what came meanwhile`() throws {
    let service = try Guarded(dryRun: true, more: hook.settings())
    let (state, image) = (service.folder + "/state", service.folder + "/image")
    func mount() throws -> Bool {
      try run("/bin/mount", ["-o", "loop,errors=remount-ro", image, state]).status == 0
    }
    let made = "truncate -s 16M \(image) && mkfs.ext4 -q \(image)"
    guard try run("/bin/sh", ["-c", made]).status == 0, try mount() else {
      try Test.cancel("no file system can be made here")
    }
    defer { unmount(service) }
    let device = try run("/bin/findmnt", ["-no", "SOURCE", state]).output.split(separator: "/").last
    let fault = "/sys/fs/ext4/\(try #require(device).dropLast())/trigger_fs_error"
    guard FileManager.default.isWritableFile(atPath: fault) else {
      try Test.cancel("no fault can be made here")
    }
    try tell(service, keepsInputs: false, ends: true) {
      try Data("1".utf8).write(to: URL(fileURLWithPath: fault))
      #expect(!FileManager.default.createFile(atPath: state + "/x", contents: nil))
    } right: {
      service.kill()
      #expect(try run("/bin/umount", [state]).status == 0)
      #expect(try run("/sbin/fsck.ext4", ["-fy", image]).status < 4)
      #expect(try mount())
      try service.start()
      try service.waitUntilReady()
    }
  }

  @Test func `waits while another program has locked the ledger`() throws {
    let service = try Guarded(dryRun: true, more: hook.settings())
    var lock: LedgerLock?
    try tell(service, keepsInputs: true) {
      lock = try LedgerLock(service.folder + "/state/dry-run.db")
    } right: {
      try lock?.end()
    }
  }

  @Test func `does not start without its folder`() throws {
    let service = try Guarded(dryRun: true)
    try FileManager.default.removeItem(atPath: service.folder + "/state")
    _ = FileManager.default.createFile(atPath: service.folder + "/state", contents: nil)
    try service.start()
    #expect(service.end(0) == 66)
    #expect(try service.said("/state"))
    #expect(try service.said("writable") || service.said("make the folder"))
  }
}
