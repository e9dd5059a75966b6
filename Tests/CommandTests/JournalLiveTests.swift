import Foundation
import Testing

private let maker = "/usr/lib/systemd/systemd-journal-remote"

@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: maker),
    "systemd-journal-remote is not installed: 'make install-servers' does it")
) struct `A service that reads the journal` {
  /// A folder with a journal of one mail and one forged line.
  private func folder() throws -> String {
    let path = "/tmp/sw-journal-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let seconds = Int(Date().timeIntervalSince1970) - 60
    func entry(_ message: String, _ exe: String, _ second: Int) -> String {
      """
      __REALTIME_TIMESTAMP=\(seconds + second)000000
      __MONOTONIC_TIMESTAMP=\(second)000000
      _BOOT_ID=0d1c1a6a0a5d4bd09cf4b8f7a1d3b111
      _HOSTNAME=mx1
      SYSLOG_FACILITY=2
      SYSLOG_IDENTIFIER=postfix/smtpd
      _UID=5012
      _EXE=\(exe)
      MESSAGE=\(message)


      """
    }
    let client = "ABC121: client=unknown[203.0.113.5], sasl_method=PLAIN, sasl_username="
    let process = Process()
    process.executableURL = URL(fileURLWithPath: maker)
    process.arguments = ["--output=\(path)/mail.journal", "-"]
    process.standardError = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    pipe.fileHandleForWriting.write(
      Data(
        (entry(client + "anna@example.net", "/usr/lib/postfix/sbin/smtpd", 1)
          + entry(client + "victim@example.net", "/usr/bin/logger", 2)).utf8))
    try pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    return path
  }

  @Test func `shows its events, and refuses forged lines`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shown = try sperrwerk(["events", "--journal", folder])
    #expect(shown.output.contains("\"sasl_login\":\"anna@example.net\""))
    #expect(!shown.output.contains("victim"))
    #expect(shown.errors.contains("forged and were refused: 'postfix/smtpd' from /usr/bin/logger"))
    #expect(try sperrwerk(["events"]).errors.contains("name files, or say --journal system"))
    #expect(try sperrwerk(["events", "--journal", "/nowhere"]).status == 1)
  }

  @Test func `follows it, and goes on after a restart`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let service = try Guarded(dryRun: true, more: "journal: \(folder)")
    for _ in 0..<2 {
      try service.start()
      try service.waitUntilReady()
      let status = try service.command(["status"]).output
      #expect(status.contains("journal \(folder)"), "\(status)")
      #expect(service.end() == 0)
    }
  }
}
