import Engine
import Events
import Foundation
import Glibc
import Store
import Synchronization
import Testing

@testable import Service
@testable import sperrwerk

/// A folder with a state of its own, where single files are devices that take nothing.
private final class Disk {
  let path = NSTemporaryDirectory() + "disk-" + UUID().uuidString
  let state: StateFolder
  var log: String { path + "/mail.log" }

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    state = try StateFolder(path + "/state")
    _ = FileManager.default.createFile(atPath: log, contents: nil)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func fill(_ file: String) throws {
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/dev/full")
  }

  func writeTwoLines() throws {
    let time = Date().formatted(.iso8601)
    let line =
      "\(time) mx1 postfix/qmgr[1]: ABC1234: from=<x@y.example>, size=1000, nrcpt=1 (queue active)\n"
    try (line + line).write(toFile: log, atomically: false, encoding: .utf8)
  }

  func settings() throws -> LiveSettings {
    try LiveSettings(
      """
      dry_run: true
      state: \(path)/state
      policies: \(root)/policies
      logs: [\(log)]
      """, file: "test")
  }

  func loop(_ attempts: AttemptBox) throws -> EngineLoop {
    let settings = try settings()
    return EngineLoop(
      parts: try LiveParts(settings), settings: settings,
      store: try LedgerStore(path + "/sperrwerk.db"), mailbox: Mailbox(), stops: StopTable(),
      attempts: attempts, orders: AsyncStream.makeStream(of: Work.self).continuation)
  }

  func size(_ name: String) -> Int { FileManager.default.contents(atPath: path + name)?.count ?? 0 }
}

@Suite struct `The inputs of a service` {
  private func tick(_ second: Int64) -> Input { .tick(Instant(seconds: second)) }

  @Test func `are written once, however often they cannot be made lasting`() throws {
    let disk = try Disk()
    let fifo = disk.state.inputsPath(1)
    try #require(unsafe mkfifo(fifo, 0o600) == 0)
    // A pipe takes bytes, and fdatasync(2) fails on it.
    let reader = unsafe open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    let journal = try InputJournal(disk.state, number: 1, recording: nil)
    journal.append(tick(1))
    for _ in 0..<5 {
      #expect(throws: StoreError.self) { try journal.write(isLasting: true) }
    }
    #expect(journal.waitingBytes == 0)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(reader, &bytes, bytes.count)
    try Data(bytes.prefix(max(0, count))).write(to: URL(fileURLWithPath: disk.path + "/seen"))
    #expect(try Frame.all(in: disk.path + "/seen").frames.count == 1)
  }

  @Test func `wait where the disk is full, in order, and come into the file once`() throws {
    let disk = try Disk()
    try disk.fill(disk.state.inputsPath(1))
    let journal = try InputJournal(disk.state, number: 1, recording: nil)
    for second: Int64 in 1...3 {
      journal.append(tick(second))
      #expect(throws: StoreError.self) { try journal.write(isLasting: false) }
    }
    try journal.beginNext()
    try journal.write(isLasting: true)
    #expect(try Frame.all(in: disk.state.inputsPath(2)).frames.count == 3)
  }

  @Test func `go on where their recording fails, which then ends`() throws {
    let disk = try Disk()
    let folder = disk.path + "/record"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try disk.fill(folder + "/" + Recording.decisionsName)
    let recording = try Recording(
      folder, snapshot: SnapshotFile(inputs: 1, policies: 1, positions: [:], engine: []),
      deciding: Deciding(disk.settings()))
    let journal = try InputJournal(disk.state, number: 1, recording: recording)
    journal.append(tick(1))
    try journal.write(isLasting: false)
    let before = disk.size("/record/inputs.1")
    recording.append([
      Transition(
        time: Instant(seconds: 1), action: .alert, subject: nil, policy: nil, reason: "x",
        caseNumber: nil)
    ])
    journal.append(tick(2))
    try journal.write(isLasting: true)
    #expect(before > 0 && disk.size("/record/inputs.1") == before)
    #expect(try Frame.all(in: disk.state.inputsPath(1)).frames.count == 2)
  }
}

@Suite struct `A loop` {
  private let attempt = Attempt(
    login: "anna", clientAddress: "192.0.2.1", recipient: "a@b.example", queueID: "")

  @Test func `whose disk is full rests, keeps no more in memory, says what it did not count`()
    throws
  {
    let disk = try Disk()
    let attempts = AttemptBox()
    let loop = try disk.loop(attempts)
    try loop.start()
    try disk.fill(disk.state.inputsPath(90))
    loop.journal = try InputJournal(disk.state, number: 90, recording: nil, most: 0)
    try disk.writeTwoLines()
    loop.turn()
    #expect(loop.isStuck && loop.stateFault != nil && loop.lineCount == 1)
    let waiting = loop.journal?.waitingBytes ?? 0
    for number in 0..<50 {
      attempts.put(attempt, instance: "\(number)")
      loop.turn()
    }
    #expect(loop.journal?.waitingBytes == waiting && loop.uncounted == 50)
    let begun = MachineClock.steadyInstant
    loop.wait()
    #expect((MachineClock.steadyInstant - begun).microseconds > 500_000)
    // There is room again.
    try loop.journal?.beginNext()
    loop.turn()
    loop.turn()
    #expect(!loop.isStuck && loop.uncounted == 0 && loop.stateFault == nil)
    #expect(loop.lineCount == 2)
  }

  @Test func `that has only much to read counts every attempt`() throws {
    let disk = try Disk()
    let attempts = AttemptBox()
    let loop = try disk.loop(attempts)
    try loop.start()
    loop.journal = try InputJournal(disk.state, number: 90, recording: nil, most: 0)
    try disk.writeTwoLines()
    for number in 0..<3 {
      attempts.put(attempt, instance: "\(number)")
      loop.turn()
      #expect(!loop.isStuck && loop.uncounted == 0)
    }
    #expect(loop.lineCount == 2)
  }
}
