import Collectors
import Events
import Foundation
import Testing

/// A log under a writer's and logrotate's hands, and what a tail of it has read so far.
private final class Scene {
  let folder = NSTemporaryDirectory() + "tail-" + UUID().uuidString
  var written: [String] = []
  var seen: [String] = []
  var tail: FileTail
  private var writer: FileHandle
  private var number = 0
  var path: String { folder + "/mail.log" }

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: folder + "/mail.log", contents: nil)
    writer = try #require(FileHandle(forWritingAtPath: folder + "/mail.log"))
    tail = Self.open(folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func open(_ folder: String) -> FileTail {
    FileTail(
      path: folder + "/mail.log", since: .distantPast, clock: clock)
  }

  func line() -> String {
    number += 1
    let id = String(0xA000000 + number, radix: 16, uppercase: true)
    written.append(id)
    let time = Instant(seconds: 1_790_000_000 + Int64(number)).rfc3339(digits: 0)
    return "\(time) mx postfix/qmgr[1]: \(id): removed\n"
  }

  func write(_ text: String) { writer.write(Data(text.utf8)) }
  func reopen() throws {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    writer = try #require(FileHandle(forWritingAtPath: path))
    writer.seekToEndOfFile()
  }

  /// - Parameter inPlace: as logrotate's copytruncate does it.
  func rotate(compress: Bool = false, inPlace: Bool = false) throws {
    let files = FileManager.default
    for old in stride(from: 60, through: 1, by: -1) {
      for end in ["", ".gz"] where files.fileExists(atPath: "\(path).\(old)\(end)") {
        try files.moveItem(atPath: "\(path).\(old)\(end)", toPath: "\(path).\(old + 1)\(end)")
      }
    }
    if inPlace {
      try files.copyItem(atPath: path, toPath: path + ".1")
      _ = unsafe truncate(path, 0)
      writer.seek(toFileOffset: 0)
    } else {
      try files.moveItem(atPath: path, toPath: path + ".1")
    }
    if compress { try self.compress(1) }
  }

  func compress(_ number: Int) throws {
    guard FileManager.default.fileExists(atPath: "\(path).\(number)") else { return }
    let gzip = try Process.run(
      URL(fileURLWithPath: "/usr/bin/gzip"), arguments: ["\(path).\(number)"])
    gzip.waitUntilExit()
  }

  /// As a service that was killed: what a snapshot has of the tail is its cursor, as JSON.
  func killAndResume() throws {
    guard let cursor = tail.cursor else {
      tail = Self.open(folder)
      return
    }
    let bytes = try JSONEncoder().encode(cursor)
    guard case .file(let place) = try JSONDecoder().decode(SourceCursor.self, from: bytes) else {
      return
    }
    tail = FileTail(path: path, resuming: place, clock: Self.clock)
  }

  static let clock = LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000))

  /// - Parameter atMost: so many lines.
  func look(atMost: Int = .max) {
    var left = atMost
    while left > 0, tail.advance() {
      left -= 1
      tail.withLine { line in
        seen.append(tail.event.queueID.text(in: line) ?? "")
      }
    }
  }
}

@Suite struct `The tail of a log` {
  @Test func `waits for the end of a half-written line, cut at any byte`() throws {
    let scene = try Scene()
    for byte in (0..<20).map({ _ in scene.line() }).joined() {
      scene.write(String(byte))
      scene.look()
    }
    #expect(scene.seen == scene.written)
  }

  @Test func `goes on in the next file, also where the writer is late to reopen`() throws {
    let scene = try Scene()
    scene.write(scene.line())
    scene.look()
    try scene.rotate()
    scene.write(scene.line())
    scene.look()
    _ = FileManager.default.createFile(atPath: scene.path, contents: nil)
    scene.look()
    scene.write(scene.line())
    try scene.reopen()
    scene.write(scene.line())
    scene.look()
    #expect(scene.seen == scene.written)
  }

  @Test func `begins again where the file is emptied in place, and says so`() throws {
    let scene = try Scene()
    scene.write(scene.line() + scene.line())
    scene.look()
    _ = unsafe truncate(scene.path, 0)
    try scene.reopen()
    scene.write(scene.line())
    scene.look()
    #expect(scene.seen == scene.written)
    #expect(scene.tail.takeNotes().contains { "\($0)".contains("emptied in place") })
  }

  @Test func `reads what was rotated twice, and compressed, before it began`() throws {
    let scene = try Scene()
    for _ in 0..<3 {
      scene.write(scene.line() + scene.line())
      try scene.rotate(compress: true)
      try scene.reopen()
    }
    scene.write(scene.line())
    scene.tail = Scene.open(scene.folder)
    scene.look()
    #expect(scene.seen == scene.written)
    #expect(scene.tail.statistics.lines == 7)
  }

  @Test func `waits for a file that is not there yet`() throws {
    let scene = try Scene()
    try FileManager.default.removeItem(atPath: scene.path)
    scene.tail = Scene.open(scene.folder)
    scene.look()
    try scene.reopen()
    scene.write(scene.line())
    scene.look()
    #expect(scene.seen == scene.written)
  }

  @Test func `goes on after the line of its cursor, also in what was compressed meanwhile`() throws
  {
    let scene = try Scene()
    scene.write(scene.line() + scene.line() + scene.line())
    scene.look(atMost: 2)
    for _ in 0..<2 {
      try scene.rotate(compress: true)
      try scene.reopen()
      scene.write(scene.line())
    }
    try scene.killAndResume()
    scene.look()
    #expect(scene.seen == scene.written)
    #expect(scene.tail.takeNotes().isEmpty)
    #expect(scene.tail.statistics.lines == 3)
  }

  @Test func `goes on in the copy where the file was emptied in place, seen or not`() throws {
    let scene = try Scene()
    for isSeen in [true, false, false] {
      scene.write(scene.line() + scene.line())
      if isSeen { scene.look(atMost: 1) }
      try scene.rotate(compress: !isSeen, inPlace: true)
    }
    scene.write(scene.line())
    scene.look()
    #expect(scene.seen == scene.written)
    #expect(scene.tail.takeNotes().isEmpty)
  }

  @Test func `numbers lines on after a restart`() throws {
    let scene = try Scene()
    scene.write((0..<5).map { _ in scene.line() }.joined())
    scene.look(atMost: 3)
    try scene.killAndResume()
    #expect(scene.tail.advance() && scene.tail.event.line == 4)
  }

  @Test func `says that lines are missing where the file of its cursor is gone`() throws {
    let scene = try Scene()
    scene.write(scene.line())
    scene.look()
    scene.write(scene.line())
    scene.written.removeLast()
    try scene.rotate()
    try scene.reopen()
    try FileManager.default.removeItem(atPath: scene.path + ".1")
    scene.write(scene.line())
    try scene.killAndResume()
    scene.look()
    #expect(scene.seen == scene.written)
    let notes = scene.tail.takeNotes()
    #expect(
      notes.contains { $0.isAlert && "\($0)".contains("gone: lines are missing") }, "\(notes)")
  }

  @Test(arguments: [true, false])
  func `reads a new file under the log's name though the clock was set back`(isRestarted: Bool)
    throws
  {
    let scene = try Scene()
    scene.write(scene.line())
    scene.look()
    try FileManager.default.removeItem(atPath: scene.path)
    try scene.reopen()
    scene.write(scene.line())
    let past = Array(repeating: timeval(tv_sec: 1_500_000_000, tv_usec: 0), count: 2)
    _ = unsafe utimes(scene.path, past)
    if isRestarted { try scene.killAndResume() }
    scene.look()
    #expect(scene.seen == scene.written)
    let isTold = scene.tail.takeNotes().contains { "\($0)".contains("gone: lines are missing") }
    #expect(isTold == isRestarted)
  }

  @Test func `says that it is shorter than what was read of it`() throws {
    let scene = try Scene()
    scene.write((0..<30).map { _ in scene.line() }.joined())
    scene.look()
    _ = unsafe truncate(scene.path, 1300)
    try scene.reopen()
    try scene.killAndResume()
    scene.look()
    scene.write(scene.line())
    scene.look()
    #expect(scene.seen == scene.written)
    #expect(scene.tail.takeNotes().contains { "\($0)".contains("shorter than what was read") })
  }

  @Test func `reads what follows a hole of zeros and a line without end`() throws {
    let scene = try Scene()
    scene.write(String(repeating: "\0", count: 400_000) + scene.line())
    scene.write(String(repeating: "x", count: 70_000))
    scene.look()
    scene.write(String(repeating: "y", count: 70_000) + "\n" + scene.line())
    scene.look()
    #expect(scene.seen == scene.written)
    #expect(scene.tail.statistics.cutLines == 1)
  }

  @Test func `keeps the year, and a failure that is said to be repeated, over a restart`() throws {
    let scene = try Scene()
    let who =
      "warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: x, sasl_username=a@b.example"
    scene.write("Dec 31 23:59:58 mx postfix/smtpd[1]: AAAA1: client=unknown[192.0.2.1]\n")
    scene.write("Jan  1 00:00:01 mx postfix/smtpd[1]: \(who)\n")
    scene.look()
    try scene.killAndResume()
    scene.write("Jan  1 00:00:02 mx last message repeated 3 times\n")
    #expect(scene.tail.advance())
    #expect(scene.tail.event.repeated == 3 && scene.tail.event.result == .failure)
    let year = scene.tail.event.time.rfc3339(digits: 0).prefix(4)
    try scene.killAndResume()
    scene.write("Jan  1 00:00:03 mx postfix/smtpd[1]: \(who)\n")
    #expect(scene.tail.advance())
    #expect(scene.tail.event.time.rfc3339(digits: 0).prefix(4) == year)
  }

  @Test func `knows the year after months without a line by the file's last change`() throws {
    let scene = try Scene()
    scene.tail = FileTail(
      path: scene.path, since: .distantPast,
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_767_300_000)))
    var years: [Substring] = []
    for (day, changed) in [("Jan 20", 1_768_900_000), ("Aug  3", 1_785_800_000)] {
      scene.write("\(day) 10:00:00 mx postfix/smtpd[1]: AAAA1: client=unknown[192.0.2.1]\n")
      _ = unsafe utimes(
        scene.path, Array(repeating: timeval(tv_sec: changed, tv_usec: 0), count: 2))
      #expect(scene.tail.advance())
      years.append(scene.tail.event.time.rfc3339(digits: 0).prefix(4))
      #expect(!scene.tail.advance())
    }
    #expect(years == ["2026", "2026"])
  }

  @Test func `names what cannot be opened, once`() throws {
    let scene = try Scene()
    try FileManager.default.removeItem(atPath: scene.path)
    scene.look()
    #expect(scene.tail.fault?.description.contains("is not there; see whether syslog") == true)
    try FileManager.default.createSymbolicLink(
      atPath: scene.path + ".1.gz", withDestinationPath: "/dev/null/x")
    for _ in 0..<3 { scene.look() }
    let notes = scene.tail.takeNotes().filter { "\($0)".contains("mail.log.1.gz: not a directory") }
    #expect(notes.count == 1)
  }

  @Test(arguments: 0..<60)
  func `gives every line once, whatever is done in which order`(seed: UInt64) throws {
    var dice = Dice(state: seed)
    let scene = try Scene()
    let inPlace = seed % 3 == 0
    for _ in 0..<80 {
      switch Int.random(in: 0..<12, using: &dice) {
      case 0..<4:
        scene.write((0..<Int.random(in: 1...5, using: &dice)).map { _ in scene.line() }.joined())
      case 4:
        let line = scene.line()
        scene.write(String(line.prefix(20)))
        if Bool.random(using: &dice) { scene.look() }
        if Bool.random(using: &dice) { try scene.killAndResume() }
        scene.write(String(line.dropFirst(20)))
      case 5:
        try scene.rotate(inPlace: inPlace)
        // syslog is told to reopen a while after the renaming.
        if !inPlace, Bool.random(using: &dice) {
          scene.write(scene.line())
          if Bool.random(using: &dice) { scene.look(atMost: 3) }
        }
        try scene.reopen()
      case 6: try scene.compress(Int.random(in: 1...3, using: &dice))
      case 7: try scene.killAndResume()
      case 8: scene.look(atMost: Int.random(in: 1...4, using: &dice))
      default: scene.look()
      }
    }
    scene.look()
    #expect(scene.seen == scene.written)
    let alerts = scene.tail.takeNotes().filter(\.isAlert)
    #expect(alerts.isEmpty, "\(alerts)")
  }
}
