import Foundation
import Testing

@testable import sperrwerk

@Suite(.serialized) struct `The running service` {
  @Test func `decides on what is written, obeys operators, and says what it does`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    for _ in 0..<20 { service.spam("dora@suedlicht.example") }
    try service.wait("no case") { try service.command(["cases"]).output.contains("dora@") }
    let found = try service.command(["cases", "1"]).output
    #expect(found.contains("suspend by rejections") && found.contains("mail.log:"))
    try service.wait("not done") {
      try service.command(["cases", "1"]).output.contains("dry run: would suspend")
    }
    let no = try service.command(["suspend", "anna@nordwind.example", "--reason", " "])
    #expect(no.status != 0 && no.errors.contains("give a reason"))
    #expect(
      try service.command(["suspend", "anna@nordwind.example", "--reason", "asked by phone"])
        .output.contains("ordered"))
    let twice = try service.command(["suspend", "anna@nordwind.example", "--reason", "again"])
    #expect(twice.errors.contains("suspended already, case 2"))
    #expect(try service.command(["cases", "2"]).output.contains("suspend by uid \(getuid())"))
    let undo = [
      "restore", "--all", "--policy", "rejections", "--since", "2026-01-01T00:00:00Z",
      "--reason", "x",
    ]
    #expect(try service.command(undo).output.contains("would restore 1; say --yes"))
    #expect(try service.command(["cases"]).output.contains("#1 suspended dora"))
    #expect(
      try service.command(["restore", "--all", "--reason", "x"]).errors.contains("say which"))
    #expect(try service.command(["restore", "--reason", "x"]).errors.contains("name one login"))
    #expect(try service.command(undo + ["--yes"]).output.contains("restore 1"))
    #expect(try service.command(["cases"]).output.contains("#1 restored dora"))
    #expect(
      try service.command(["dismiss", "anna@nordwind.example", "--reason", "no"]).status == 0)
    #expect(
      try service.command(["restore", "dora@suedlicht.example", "--reason", "x"]).status != 0)
    #expect(try service.command(["cases", "77"]).errors.contains("there is no case 77"))
    #expect(try service.command(["pause", "--reason", "storm"]).status == 0)
    let status = try service.command(["status"]).output
    #expect(status.contains("PAUSED") && status.contains(": storm"))
    #expect(!FileManager.default.fileExists(atPath: service.folder + "/table"))
    #expect(try service.command(["reload"]).output.contains("policies are in force"))
    #expect(service.end() == 0)
    #expect(try service.command(["status"]).errors.contains("is 'sperrwerk run' running"))
  }

  @Test func `leaves its sockets to nobody who is started beside it`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    let second = try service.command(["run"])
    #expect(second.status == 66)
    #expect(second.errors.contains("another 'sperrwerk run' has it, process "))
    #expect(try service.command(["status"]).status == 0)
    #expect(FileManager.default.fileExists(atPath: service.folder + "/policy"))
    let nope = try service.command([
      "restore", "--all", "--policy", "rejektions", "--since", "2026-01-01T00:00:00Z",
      "--reason", "x",
    ])
    #expect(nope.status != 0 && nope.errors.contains("did you mean 'rejections'?"))
    // Whoever is killed leaves no lock behind.
    service.kill()
    try service.start()
    try service.waitUntilReady()
    #expect(service.end() == 0)
  }

  @Test func `loses no case and opens none twice, killed at any instant`() throws {
    var dice = Dice(state: 20_261_124)
    let service = try Guarded(dryRun: true, more: "brakes:\n  least: 100\n  suspensions: 100")
    let logins = (0..<10).map { "thief\($0)@nordwind.example" }
    try service.start()
    try service.waitUntilReady()
    for login in logins {
      for _ in 0..<Int.random(in: 14...20, using: &dice) {
        service.spam(login)
        usleep(UInt32.random(in: 0...4000, using: &dice))
      }
      usleep(UInt32.random(in: 0...60_000, using: &dice))
      service.kill()
      try service.start()
      if Bool.random(using: &dice) { try service.waitUntilReady() }
    }
    try service.waitUntilReady()
    for login in logins {
      try service.wait("\(login) is lost") {
        try service.command(["cases"]).output.contains(login)
      }
    }
    let cases = try service.command(["cases"]).output.split(separator: "\n")
      .filter { $0.hasPrefix("#") }
    #expect(cases.count == logins.count, "\(cases)")
    #expect(service.end() == 0)
  }

  @Test func `keeps a suspension over a restart, and opens it when told`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    _ = try service.command(["suspend", "anna@nordwind.example", "--reason", "asked"])
    service.kill()
    try service.start()
    try service.waitUntilReady()
    #expect(try service.command(["cases"]).output.contains("#1 suspended anna@nordwind.example"))
    _ = try service.command(["restore", "anna@nordwind.example", "--reason", "renewed"])
    #expect(service.end() == 0)
    try service.start()
    try service.waitUntilReady()
    #expect(try service.command(["cases"]).output.contains("#1 restored anna@"))
  }

  /// The log may not be read yet at the first start, or is moved; what it tells of the time before is history.
  @Test(arguments: [false, true])
  func `decides nothing on what happened before its first start`(isRestarted: Bool) throws {
    let service = try Guarded(dryRun: true)
    let (log, away) = (service.folder + "/mail.log", service.folder + "/away")
    try FileManager.default.moveItem(atPath: log, toPath: away)
    try service.start()
    try service.waitUntilReady()
    if isRestarted { #expect(service.end() == 0) }
    service.spam("old@nordwind.example", count: 40, ahead: -5 * 86_400)
    try FileManager.default.moveItem(atPath: away, toPath: log)
    if isRestarted {
      try service.start()
      try service.waitUntilReady()
    }
    try service.wait("not read") { try service.count("messages") == 40 }
    service.spam("new@nordwind.example", count: 40)
    try service.wait("no case") { try service.command(["cases"]).output.contains("new@") }
    #expect(!(try service.command(["cases", "--all"]).output.contains("old@")))
    // They count all the same, as they would had the log been there.
    service.spam("old@nordwind.example", count: 3)
    try service.wait("no case") { try service.command(["cases"]).output.contains("old@") }
  }

  @Test func `takes the settings that init writes`() throws {
    let file = "/tmp/sw-\(UUID().uuidString.prefix(8)).yaml"
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(try sperrwerk(["init", file]).output.contains("as a dry run"))
    #expect(try sperrwerk(["init", file]).errors.contains("is there already"))
    let doctor = try sperrwerk(["doctor", "--settings", file])
    #expect(doctor.status != 65 && doctor.output.contains("policies in /etc/sperrwerk/policies"))
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains("\ndry_run: true\n"))
    // Uncommented, every line is still a setting.
    let setting = /# ([a-z_]+):/.anchorsMatchLineEndings()
    #expect(text.matches(of: setting).count > 20)
    let all = text.replacing(setting) { "\($0.output.1):" }
    try all.write(toFile: file, atomically: true, encoding: .utf8)
    let whole = try sperrwerk(["doctor", "--settings", file])
    #expect(whole.status != 65 && !whole.errors.contains(file), "\(whole.errors)")
    for key in SettingKey.all {
      let name = key.name.split(separator: ".").last ?? ""
      #expect(all.contains(try Regex("(?m)^ *\(name):")), "\(key.name)")
    }
  }

  @Test func `ends well at any time, also while a snapshot is on its way`() throws {
    for _ in 0..<15 {
      let service = try Guarded(dryRun: true)
      try service.start()
      try service.waitUntilReady()
      let status = service.end()
      #expect(status == 0)
      if status != 0 { return }
    }
  }

  @Test(arguments: [
    ("polcies: x", ":1: no setting 'polcies'; did you mean 'policies'?"),
    ("policy_service:\n  soket: x", ":2: no setting 'policy_service.soket'"),
    ("policy_service:\n  address: 10031", ":2: policy_service.address must be ADDRESS:PORT, such"),
    ("policy_service:\n  address: 127.0.0.1:x", ":2: policy_service.address must be"),
    ("warm_up: 3x", ":1: warm_up must be a duration"),
    ("dry_run: maybe", ":1: dry_run must be true or false"),
    ("logs: {}", ":1: logs must be a list"),
    ("queue:\n  after_restore: drop", ":2: queue.after_restore must be one of keep, release"),
    ("own_networks: [10.0.0.0/33]", ":1: own_networks must be a list of addresses and networks"),
    ("web:\n  proxies: [here]", ":2: web.proxies must be a list of addresses and networks"),
    ("brakes:\n  least: few", ":2: brakes.least must be a whole number"),
    ("brakes:\n  least: -1", ":2: brakes.least must be a whole number"),
    ("brakes:\n  share: 2", ":2: brakes.share must be a share between 0 and 1"),
    ("a: [", ":2: did not find"), ("keep: \"1d", ":2: found unexpected end of stream"),
    ("keep: 1d\nkeep: 2d", ": keep stands there twice"),
    ("just a text", ":1: is no list of settings"),
  ])
  func `refuses settings that are wrong, with the line`(text: String, says: String) throws {
    let file = "/tmp/sw-\(UUID().uuidString.prefix(8)).yaml"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try (text + "\n").write(toFile: file, atomically: true, encoding: .utf8)
    let result = try sperrwerk(["run", "--settings", file])
    #expect(result.status == 65)
    #expect(result.errors.contains(says), "\(result.errors)")
  }
}

/// A small generator of numbers that gives the same row in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
