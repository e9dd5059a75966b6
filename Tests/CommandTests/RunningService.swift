import Foundation
import Testing

/// A service of its own, with everything that it needs in one folder: started, ended and asked as an operator does.
class RunningService {
  let folder = "/tmp/sw-" + UUID().uuidString.prefix(8)
  private var process: Process?
  var settings: String { folder + "/sperrwerk.yaml" }
  private var logFile: String { folder + "/service.log" }

  /// - Parameters:
  ///   - folders: what to make in it.
  ///   - files: what to make in it, empty.
  init(folders: [String], files: [String]) throws {
    for name in folders {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for name in files + ["service.log"] {
      _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
    }
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A program of the mail system, as a shell script.
  func script(_ name: String, _ text: String) throws {
    let path = folder + "/" + name
    try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  // MARK: The service

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
    let log = try #require(FileHandle(forWritingAtPath: logFile))
    log.seekToEndOfFile()
    process.standardError = errors ?? log
    try process.run()
    self.process = process
  }

  /// Until it answers.
  func waitUntilReady() throws {
    try wait("no answer") { try command(["status"]).status == 0 }
  }

  /// - Parameter seconds: on a machine that has much else to do.
  func wait(_ problem: String, seconds: Double = 40, until body: () throws -> Bool) throws {
    let end = Date(timeIntervalSinceNow: seconds)
    while Date() < end {
      if try body() { return }
      usleep(30_000)
    }
    let log = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
    Issue.record("\(problem)\n\(log.suffix(3000))")
  }

  /// Whether the service has said something.
  func said(_ text: String) throws -> Bool {
    try String(contentsOfFile: logFile, encoding: .utf8).contains(text)
  }

  /// A number of `status`.
  func count(_ word: String) throws -> Int {
    let status = try command(["status", "--format", "json"]).output
    let json = try JSONSerialization.jsonObject(with: Data(status.utf8)) as? [String: Any]
    return json?[word] as? Int ?? -1
  }

  func kill() { _ = end(SIGKILL) }

  /// - Parameter signal: 0 where it ends by itself.
  /// - Returns: its exit status; -1 where it does not run.
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
}
