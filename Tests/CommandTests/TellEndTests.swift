import Foundation
import Testing

/// What systemd's ExecStopPost calls, with the environment that it gives.
@Suite(.serialized) struct `A service that has ended` {
  private let folder = "/tmp/sw-end-" + UUID().uuidString.prefix(8)
  private let fault = ["SERVICE_RESULT": "watchdog", "EXIT_CODE": "killed", "EXIT_STATUS": "ABRT"]

  /// What `sendmail` was given so far.
  private var mail: String {
    (try? String(contentsOfFile: folder + "/mail", encoding: .utf8)) ?? ""
  }

  private func withSettings(_ more: String, _ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sendmail = folder + "/sendmail"
    try "#!/bin/sh\n{ echo \"to $*\"; cat; } >> '\(folder)/mail'\n".write(
      toFile: sendmail, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sendmail)
    let settings = folder + "/settings.yaml"
    try "state: \(folder)\nsendmail: \(sendmail)\n\(more)".write(
      toFile: settings, atomically: true, encoding: .utf8)
    try body(settings)
  }

  private func tellEnd(_ settings: String, _ environment: [String: String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["tell-end", "--settings", settings]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func `by a fault is told to the operator by mail, once an hour`() throws {
    try withSettings("alerts:\n  mail: ops@hoster.example\n") { settings in
      #expect(try tellEnd(settings, ["SERVICE_RESULT": "success"]) == 0)
      #expect(try tellEnd(settings, [:]) == 0)
      #expect(mail.isEmpty)
      for _ in 0..<3 { #expect(try tellEnd(settings, fault) == 0) }
      #expect(mail.split(separator: "to -i -f <> -- ops@hoster.example\n").count == 1)
      #expect(mail.contains("(watchdog, killed, ABRT)"))
      // Also where it was said in a future that the clock has taken back since.
      for (age, count) in [(-3700.0, 2), (3700, 3), (-1, 3)] {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: age)], ofItemAtPath: folder + "/told-end")
        #expect(try tellEnd(settings, fault) == 0)
        let mails = mail.split(separator: "to -i -f <> -- ops@hoster.example\n")
        #expect(mails.count == count)
      }
    }
  }

  @Test func `by a fault is told to the operator by webhook too`() throws {
    let hook = try HookServer()
    try withSettings(hook.settings()) { settings in
      let status = try tellEnd(settings, fault)
      #expect(status == 0)
      #expect(hook.heard("the service has ended by a fault (watchdog, killed, ABRT)"))
      #expect(mail.isEmpty)
    }
  }

  @Test func `is told nowhere where nothing can remember that it was told`() throws {
    try withSettings("alerts:\n  mail: ops@hoster.example\n") { settings in
      let gone = fault.merging(["RUNTIME_DIRECTORY": folder + "/nowhere"]) { $1 }
      let status = try tellEnd(settings, gone)
      #expect(status == 1)
      #expect(mail.isEmpty)
    }
  }
}
