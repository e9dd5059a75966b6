import Foundation
import Testing

@testable import sperrwerk

@Suite struct `A dry run` {
  /// Every file below a folder with its bytes and when it was changed.
  private func state(of folder: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      let path = folder + "/" + name
      let changed = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
      let bytes = FileManager.default.contents(atPath: path) ?? Data()
      found[name] = "\(changed ?? "") \(bytes.base64EncodedString())"
    }
    return found
  }

  /// A service whose file says that it acts, whose every program leaves a word of its call and fails, beside
  /// files as Postfix has them.
  private func armed() throws -> (service: Guarded, environment: [String: String]) {
    let service = try Guarded(dryRun: false)
    let postfix = service.folder + "/postfix"
    try FileManager.default.createDirectory(
      atPath: postfix + "/queue/hold", withIntermediateDirectories: true)
    for name in ["main.cf", "table", "table.lmdb", "sites", "queue/hold/ABC123"] {
      try "as it was\n".write(toFile: "\(postfix)/\(name)", atomically: true, encoding: .utf8)
    }
    var environment = [
      "SPERRWERK_POSTFIX_CONFIG": postfix, "SPERRWERK_POSTFIX_TABLE": postfix + "/table",
      "SPERRWERK_POSTFIX_SITES": postfix + "/sites",
    ]
    let programs = SettingKey.all.filter { $0.meaning.hasPrefix("Program") }
    #expect(programs.count >= 4)
    for key in programs {
      let script = service.folder + "/" + key.name
      try "#!/bin/sh\necho \"\(key.name) $*\" >> \(service.folder)/called\nexit 1\n"
        .write(toFile: script, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
      environment[key.environmentName] = script
    }
    return (service, environment)
  }

  /// What was called, but for a look at the queue, which changes nothing.
  private func calls(of service: Guarded) -> [Substring] {
    let text = try? String(contentsOfFile: service.folder + "/called", encoding: .utf8)
    return (text ?? "").split(separator: "\n").filter {
      !($0.hasPrefix("postfix.postqueue ") && $0.hasSuffix(" -j"))
    }
  }

  @Test
  func
    `calls no program that changes anything and changes no file of Postfix, whatever it decides`()
    throws
  {
    let (service, environment) = try armed()
    let postfix = service.folder + "/postfix"
    let before = try state(of: postfix)
    try service.start(["--dry-run"], environment: environment)
    try service.waitUntilReady()
    #expect(try service.command(["status"]).output.contains("dry run: nothing is touched"))
    for _ in 0..<20 { service.spam("dora@suedlicht.example") }
    try service.wait("no suspension") {
      try service.command(["case", "1"]).output.contains("dry run: would suspend")
    }
    for order in ["hold", "suspend", "restore", "suspend", "dismiss"] {
      _ = try service.command([order, "anna@nordwind.example", "--reason", "a test"])
    }
    _ = try service.command(["suspend", "uid:5012", "--reason", "a test"])
    for action in ["release", "delete", "keep"] {
      _ = try service.command(["queue", action, "dora@suedlicht.example", "--reason", "a test"])
    }
    let answer = OperatorSocket.ask(
      service.folder + "/policy",
      "request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=dora@suedlicht.example\n")
    #expect((try? answer.get()) == "action=DUNNO\n")
    #expect(service.end() == 0)
    #expect(calls(of: service).isEmpty)
    #expect(try state(of: postfix) == before)
  }

  @Test func `is what keeps them from it: the same service that acts calls its programs`() throws {
    let (service, environment) = try armed()
    try service.start(environment: environment)
    try service.waitUntilReady()
    _ = try service.command(["suspend", "anna@nordwind.example", "--reason", "a test"])
    try service.wait("nothing was called") { !calls(of: service).isEmpty }
    let reload = try service.command(["reload"])
    #expect(reload.output.contains("policies are in force"), "\(reload)")
    service.kill()
  }
}
