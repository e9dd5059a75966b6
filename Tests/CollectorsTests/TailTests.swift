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
      path: folder + "/mail.log", since: .distantPast,
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
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

  func rotate(compress: Bool = false) throws {
    let files = FileManager.default
    for old in stride(from: 60, through: 1, by: -1) {
      for end in ["", ".gz"] where files.fileExists(atPath: "\(path).\(old)\(end)") {
        try files.moveItem(atPath: "\(path).\(old)\(end)", toPath: "\(path).\(old + 1)\(end)")
      }
    }
    try files.moveItem(atPath: path, toPath: path + ".1")
    if compress {
      let gzip = try Process.run(URL(fileURLWithPath: "/usr/bin/gzip"), arguments: [path + ".1"])
      gzip.waitUntilExit()
    }
  }

  func look() {
    while tail.advance() {
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
    #expect(scene.tail.takeNotes().contains { $0.contains("emptied in place") })
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

  @Test(arguments: 0..<20)
  func `loses and repeats nothing, whatever is done in which order`(seed: UInt64) throws {
    var dice = Dice(state: seed)
    let scene = try Scene()
    for _ in 0..<120 {
      switch Int.random(in: 0..<8, using: &dice) {
      case 0..<3:
        scene.write((0..<Int.random(in: 1...5, using: &dice)).map { _ in scene.line() }.joined())
      case 3:
        let line = scene.line()
        scene.write(String(line.prefix(20)))
        scene.look()
        scene.write(String(line.dropFirst(20)))
      case 4:
        // A tail that was away while the file was rotated twice cannot know which comes first.
        scene.look()
        try scene.rotate()
        if Bool.random(using: &dice) { scene.write(scene.line()) }
        try scene.reopen()
      case 5:
        scene.look()
        _ = unsafe truncate(scene.path, 0)
        try scene.reopen()
      default: scene.look()
      }
    }
    scene.look()
    #expect(scene.seen == scene.written)
  }
}
