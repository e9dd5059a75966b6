import Collectors
import Events
import Foundation
import Testing

private let maker = "/usr/lib/systemd/systemd-journal-remote"

/// A folder of journal files, made of the export format.
private final class JournalFolder {
  let path = NSTemporaryDirectory() + "journal-" + UUID().uuidString
  private var second: Int64 = 1_790_000_000
  private var entries: [UInt8] = []
  private var sequence = 0

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func add(_ fields: KeyValuePairs<String, String>, binary: [UInt8]? = nil) {
    second += 1
    sequence += 1
    let monotonic = second - 1_780_000_000
    entries +=
      """
      __REALTIME_TIMESTAMP=\(second)076631
      __MONOTONIC_TIMESTAMP=\(monotonic)000000
      _BOOT_ID=0d1c1a6a0a5d4bd09cf4b8f7a1d3b111
      _HOSTNAME=mx1

      """.utf8
    for (name, value) in fields { entries += "\(name)=\(value)\n".utf8 }
    if let binary {
      entries += "MESSAGE\n".utf8
      entries += (0..<8).map { UInt8(truncatingIfNeeded: binary.count >> ($0 * 8)) }
      entries += binary + [10]
    }
    entries.append(10)
  }

  func addPostfix(_ message: String, exe: String = "/usr/lib/postfix/sbin/smtpd", uid: Int = 101) {
    add([
      "SYSLOG_IDENTIFIER": "postfix/smtpd", "SYSLOG_PID": "7", "_EXE": exe, "_UID": "\(uid)",
      "MESSAGE": message,
    ])
  }

  /// - Parameter name: of the file; an existing one is written on.
  func write(_ name: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: maker)
    process.arguments = ["--output=\(path)/\(name).journal", "-"]
    process.standardError = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    pipe.fileHandleForWriting.write(Data(entries))
    try pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    entries = []
  }

  func tail(_ matches: [String] = []) throws -> JournalTail {
    try JournalTail(
      path, matches: matches, since: .distantPast, writers: JournalWriters(uids: [101]))
  }
}

private func read(_ tail: JournalTail) -> [String] {
  var lines: [String] = []
  while tail.advance() { lines.append(tail.withLine { String(copying: $0) }) }
  return lines
}

private func restart(_ tail: JournalTail, _ folder: JournalFolder) throws -> JournalTail {
  let bytes = try JSONEncoder().encode(try #require(tail.cursor))
  guard case .journal(let cursor) = try JSONDecoder().decode(SourceCursor.self, from: bytes) else {
    return tail
  }
  return try JournalTail(
    folder.path, matches: [], resuming: cursor, writers: JournalWriters(uids: [101]))
}

@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: maker),
    "systemd-journal-remote is not installed: 'make install-servers' does it")
) struct `The journal` {
  static let client = "ABC123: client=unknown[203.0.113.5], sasl_method=PLAIN, sasl_username="

  @Test func `gives lines as syslog writes them, with the journal's own time`() throws {
    let folder = try JournalFolder()
    folder.addPostfix(Self.client + "anna@example.net")
    folder.add(["SYSLOG_IDENTIFIER": "kernel", "MESSAGE": "something else"])
    folder.add(
      [
        "SYSLOG_IDENTIFIER": "dovecot", "_PID": "9", "_EXE": "/usr/lib/dovecot/log", "_UID": "0",
        "MESSAGE":
          "imap-login: Login: user=<dora@example.net>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, session=<x>",
      ])
    try folder.write("a")
    let tail = try folder.tail()
    let lines = read(tail)
    #expect(lines.count == 2 && tail.fault == nil)
    #expect(
      lines.first
        == "2026-09-21T14:13:21.076631Z mx1 postfix/smtpd[7]: \(Self.client)anna@example.net")
    #expect(tail.event.saslLogin.text(in: Array(lines[1].utf8).span) == "dora@example.net")
    #expect(tail.event.line == 3 && tail.takeNotes().isEmpty)
  }

  @Test func `refuses what another program writes under the mail system's name`() throws {
    let folder = try JournalFolder()
    let text = Self.client + "victim@example.net"
    folder.addPostfix(text, exe: "/usr/bin/logger", uid: 5012)
    folder.addPostfix(text, exe: "/usr/bin/logger", uid: 5012)
    folder.addPostfix(text, exe: "/usr/sbin/postlog", uid: 5012)
    folder.addPostfix(text, exe: "/home/web21/smtpd", uid: 5012)
    folder.add([
      "SYSLOG_IDENTIFIER": "postfix/smtpd", "_COMM": "smtpd", "_UID": "5012", "MESSAGE": text,
    ])
    folder.add(["SYSLOG_IDENTIFIER": "dovecot", "_UID": "5012", "MESSAGE": text])
    // A tag that would be two words, or hide a pid.
    folder.add([
      "SYSLOG_IDENTIFIER": "x postfix/smtpd[1]: \(text)", "_UID": "5012", "MESSAGE": "y",
    ])
    // The process was gone before journald could look, but its uid is Postfix's.
    folder.add(["SYSLOG_IDENTIFIER": "postfix/smtpd", "_UID": "101", "MESSAGE": text])
    try folder.write("a")
    let tail = try folder.tail()
    #expect(read(tail).count == 1)
    let told = tail.takeNotes()
    let notes = told.map { "\($0)" }
    #expect(notes.count == 6, "\(notes)")
    // Tags and programs are whatever he likes: they are no part of an alert.
    #expect(
      told.filter(\.isAlert).map { "\($0)" } == [
        "journal \(folder.path): lines that pass themselves off as the mail system's, "
          + "written by uid 5012, were refused; the log names them"
      ])
    #expect(
      notes.contains {
        $0.contains(
          "2 lines are forged and were refused: 'postfix/smtpd' from /usr/bin/logger (uid 5012)")
      })
    #expect(tail.takeNotes().isEmpty)
  }

  @Test func `makes one line of a message of several, and of bytes that are no text`() throws {
    let folder = try JournalFolder()
    let login = Array((Self.client + "anna@example.net").utf8)
    folder.add(
      [
        "SYSLOG_IDENTIFIER": "postfix/smtpd", "_UID": "101", "_EXE": "/usr/lib/postfix/sbin/smtpd",
      ], binary: login + [10, 0, 255] + Array("ABC124: client=x[192.0.2.1]".utf8))
    try folder.write("a")
    let tail = try folder.tail()
    let lines = read(tail)
    #expect(lines.count == 1 && lines[0].contains("anna@example.net??\u{FFFD}ABC124"))
  }

  @Test func `says what journald has dropped, and believes only journald`() throws {
    let folder = try JournalFolder()
    folder.add([
      "SYSLOG_IDENTIFIER": "systemd-journald", "_TRANSPORT": "driver",
      "MESSAGE": "Suppressed 1234 messages from postfix@-.service",
    ])
    folder.add([
      "SYSLOG_IDENTIFIER": "systemd-journald", "_TRANSPORT": "syslog",
      "MESSAGE": "Suppressed 9 messages from x.service",
    ])
    try folder.write("a")
    let tail = try folder.tail()
    #expect(read(tail).isEmpty)
    let notes = tail.takeNotes()
    #expect(notes.map(\.isAlert) == [true, false])
    #expect("\(notes)".contains("journald has dropped messages: lines are missing"))
    #expect("\(notes)".contains("dropped 1234 messages of postfix@-.service"))
  }

  @Test func `goes on after its cursor, also in another file, and numbers on`() throws {
    let folder = try JournalFolder()
    for name in ["a", "b", "c"] { folder.addPostfix(Self.client + name) }
    try folder.write("one")
    var tail = try folder.tail()
    #expect(tail.cursor == nil)
    #expect(tail.advance() && tail.advance())
    tail = try restart(tail, folder)
    #expect(read(tail).map { $0.suffix(2) } == ["=c"])
    #expect(tail.event.line == 3)
    // At the end the cursor is that of the last entry.
    tail = try restart(tail, folder)
    #expect(read(tail).isEmpty && tail.takeNotes().isEmpty)
    folder.addPostfix(Self.client + "d")
    try folder.write("two")
    #expect(read(tail).map { $0.suffix(2) } == ["=d"])
    #expect(read(try restart(tail, folder)).isEmpty)
  }

  @Test func `says that lines are missing where its entry was vacuumed`() throws {
    let folder = try JournalFolder()
    folder.addPostfix(Self.client + "a")
    try folder.write("one")
    let before = try folder.tail()
    #expect(read(before).count == 1)
    try FileManager.default.removeItem(atPath: folder.path + "/one.journal")
    folder.addPostfix(Self.client + "b")
    try folder.write("two")
    let tail = try restart(before, folder)
    #expect(read(tail).map { $0.suffix(2) } == ["=b"])
    #expect("\(tail.takeNotes())".contains("is gone (vacuumed?): lines are missing"))
  }

  @Test func `reads only what is asked for, by unit, by name or by field`() throws {
    let folder = try JournalFolder()
    folder.addPostfix(Self.client + "a")
    folder.add([
      "SYSLOG_IDENTIFIER": "postfix/smtpd", "_SYSTEMD_UNIT": "postfix@-.service",
      "SYSLOG_FACILITY": "2", "_UID": "101", "MESSAGE": Self.client + "b",
    ])
    try folder.write("one")
    #expect(read(try folder.tail(["postfix@-.service"])).count == 1)
    #expect(read(try folder.tail(["postfix/smtpd"])).count == 2)
    #expect(read(try folder.tail(["SYSLOG_FACILITY=2", "dovecot.service"])).count == 1)
    #expect(read(try folder.tail(["dovecot.service"])).isEmpty)
  }

  @Test func `names a folder that is not there`() {
    let error = #expect(throws: CollectorError.self) {
      try JournalTail(
        "/nowhere", matches: [], since: .distantPast, writers: JournalWriters(uids: []))
    }
    #expect(
      error.map { "\($0)" }
        == "/nowhere: no such file or directory; see that it is there, and let this user read it")
  }
}
