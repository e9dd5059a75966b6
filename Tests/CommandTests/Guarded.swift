import Foundation
import Testing

/// A service with a log of its own, and everything it needs in one folder.
final class Guarded {
  let folder = "/tmp/sw-" + UUID().uuidString.prefix(8)
  private var process: Process?
  /// How many mails the log tells of.
  private(set) var number = 0
  private let log: FileHandle
  var settings: String { folder + "/sperrwerk.yaml" }

  /// - Parameter more: further settings.
  init(dryRun: Bool, more: String = "") throws {
    try FileManager.default.createDirectory(
      atPath: folder + "/state", withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: folder + "/mail.log", contents: nil)
    _ = FileManager.default.createFile(atPath: folder + "/service.log", contents: nil)
    log = try #require(FileHandle(forWritingAtPath: folder + "/mail.log"))
    try """
    dry_run: \(dryRun)
    state: \(folder)/state
    policies: \(root)/policies
    logs: [\(folder)/mail.log]
    policy_service:
      socket: \(folder)/policy
    postfix:
      table: \(folder)/table
      sites: \(folder)/sites
      postsuper: /bin/true
    operators:
      socket: \(folder)/operators
    \(more)
    """.write(toFile: settings, atomically: true, encoding: .utf8)
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// - Parameters:
  ///   - options: of `run`.
  ///   - environment: settings that go before the file's.
  ///   - errors: where it says what it does; `service.log` where that is nil.
  func start(
    _ options: [String] = [], environment: [String: String] = [:], errors: FileHandle? = nil
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["run", "--settings", settings] + options
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let said = try #require(FileHandle(forWritingAtPath: folder + "/service.log"))
    said.seekToEndOfFile()
    process.standardError = errors ?? said
    try process.run()
    self.process = process
  }

  /// Until it answers.
  func waitUntilReady() throws {
    try wait("no answer") { try command(["status"]).status == 0 }
  }

  func wait(_ problem: String, until body: () throws -> Bool) throws {
    for _ in 0..<300 {
      if try body() { return }
      usleep(50_000)
    }
    Issue.record("\(problem)")
  }

  /// Whether the service has said something.
  func said(_ text: String) throws -> Bool {
    try String(contentsOfFile: folder + "/service.log", encoding: .utf8).contains(text)
  }

  func kill() {
    guard let process else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    self.process = nil
  }

  func end(_ signal: Int32 = SIGTERM) -> Int32 {
    guard let process else { return -1 }
    Foundation.kill(process.processIdentifier, signal)
    process.waitUntilExit()
    self.process = nil
    return process.terminationStatus
  }

  func command(_ arguments: [String]) throws -> (output: String, errors: String, status: Int32) {
    try sperrwerk(arguments + ["--settings", settings])
  }

  /// A mail of `login` that a remote server refuses as spam.
  func spam(_ login: String) {
    number += 1
    let id = "AB\(String(format: "%05X", number))FB0"
    let time = Date().formatted(.iso8601)
    log.write(
      Data(
        """
        \(time) mx1 postfix/submission/smtpd[1]: \(id): client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=\(login)
        \(time) mx1 postfix/qmgr[1]: \(id): from=<x@y.example>, size=1000, nrcpt=1 (queue active)
        \(time) mx1 postfix/smtp[1]: \(id): to=<o@d\(number % 9).example>, relay=mx.d\(number % 9).example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx said: 554 5.7.1 Message rejected as spam by content filter)

        """.utf8))
  }
}
