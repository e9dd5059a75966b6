import Foundation
import Testing

let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// Runs the program as its user does, in the repository's folder.
func sperrwerk(_ arguments: [String]) throws -> (output: String, errors: String, status: Int32) {
  try run(program, arguments)
}

let program: String = {
  let named = ProcessInfo.processInfo.environment["SPERRWERK"]
  let builds = [".build/debug/sperrwerk", ".build/release/sperrwerk"].map { root + "/" + $0 }
  return named ?? builds.first { FileManager.default.isExecutableFile(atPath: $0) } ?? builds[0]
}()

func run(_ executable: String, _ arguments: [String]) throws -> (
  output: String, errors: String, status: Int32
) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: executable)
  process.arguments = arguments
  process.currentDirectoryURL = URL(fileURLWithPath: root)
  let output = Pipe()
  let errorFile = NSTemporaryDirectory() + "errors-" + UUID().uuidString
  _ = FileManager.default.createFile(atPath: errorFile, contents: nil)
  defer { try? FileManager.default.removeItem(atPath: errorFile) }
  process.standardOutput = output
  process.standardError = FileHandle(forWritingAtPath: errorFile)
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  let errors = try String(contentsOfFile: errorFile, encoding: .utf8)
  return (String(decoding: data, as: UTF8.self), errors, process.terminationStatus)
}

let sample = [
  "--accounts", "samples/seed-story/accounts.csv", "--sites", "samples/seed-story/websites.csv",
  "--password-changes", "samples/seed-story/password-changes.log", "--geo",
  "samples/seed-story/geo.mmdb", "--asn", "samples/seed-story/asn.mmdb", "--queue",
  "samples/seed-story/queue",
]

@Suite struct `A sample provider` {
  static let samples = [
    ("seed-story", sample + ["samples/seed-story/mail.log"]),
    ("exim", ["--zone", "Z", "--sites", "samples/exim/websites.csv", "samples/exim/mainlog"]),
  ]

  @Test(arguments: samples)
  func `is replayed as expected`(name: String, arguments: [String]) throws {
    let result = try sperrwerk(["replay"] + arguments)
    #expect(result.status == 0)
    // The last line tells the speed, which no two runs share.
    let printed = result.output.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains(" lines/s; ") }.joined(separator: "\n")
    let file = root + "/samples/\(name)/expected.txt"
    if ProcessInfo.processInfo.environment["TEST_RECORD"] != nil {
      try printed.write(toFile: file, atomically: true, encoding: .utf8)
      Issue.record("recorded anew: look at the difference before you commit it")
    }
    #expect(printed == (try String(contentsOfFile: file, encoding: .utf8)))
  }
}

@Suite struct `Twenty fresh processes` {
  @Test func `decide the same, byte for byte`() throws {
    var seen: Set<Data> = []
    for _ in 0..<20 {
      let file = NSTemporaryDirectory() + "decisions-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: file) }
      _ = try sperrwerk(
        ["replay", "--decisions", file] + sample + ["samples/seed-story/mail.log"])
      seen.insert(FileManager.default.contents(atPath: file) ?? Data())
    }
    #expect(seen.count == 1)
    #expect(seen.first?.isEmpty == false)
  }
}

@Suite struct `A command` {
  @Test(arguments: [
    (["replay", "nosuch.log"], "nosuch.log: no such file or directory"),
    (
      ["replay", "--set", "rejections.honst=1", "samples/seed-story/mail.log"],
      "did you mean 'honest'?"
    ),
    (
      ["replay", "--set", "honest=1", "samples/seed-story/mail.log"],
      "--set honest=1: names no policy; write it as POLICY.SETTING=VALUE"
    ),
    (
      ["replay", "--set", "rejction.honest=1", "samples/seed-story/mail.log"],
      "did you mean 'rejections'?"
    ),
    (
      ["replay", "--shadow", "rejektions", "samples/seed-story/mail.log"],
      "did you mean 'rejections'?"
    ),
    (
      ["replay", "--accounts", "nosuch.csv", "samples/seed-story/mail.log"],
      "nosuch.csv: no such file"
    ),
    (["replay", "--geo", "README.md", "samples/seed-story/mail.log"], "README.md:"),
    (["replay", "--zone", "summer", "samples/seed-story/mail.log"], "no offset from UTC"),
    (["replay", "--reference-time", "noon", "samples/seed-story/mail.log"], "is no time"),
    (["replay", "--reference-time", "2024", "samples/seed-story/mail.log"], "is no time"),
    (
      ["replay", "--set", "rejections.honest=2", "samples/seed-story/mail.log"],
      "(with --set rejections.honest=2)"
    ),
    (["replay", "--policies", "Sources", "samples/seed-story/mail.log"], "no policies here"),
    (
      ["replay", "--lists", "nosuch.lua", "samples/seed-story/mail.log"],
      "nosuch.lua: cannot be read"
    ),
    (["explain", "samples/seed-story/mail.log"], "name either --case NUMBER or --subject LOGIN"),
    (["explain", "--case", "99", "samples/seed-story/mail.log"], "there is no case 99"),
    (
      ["explain", "--subject", "nobody@nordwind.example", "samples/seed-story/mail.log"],
      "no login or website of this name"
    ),
    (["policies", "rejectons"], "did you mean 'rejections'?"),
    (["events", "nosuch.log"], "no such file"),
    (["status", "--settings", "nosuch.yaml"], "'sperrwerk init' writes it, or name yours by"),
    (
      ["replay", "--decisions", "/nosuch/x.jsonl", "samples/seed-story/mail.log"],
      "name a file that you may write"
    ),
  ])
  func `that cannot do its work says why, and fails`(arguments: [String], text: String) throws {
    let result = try sperrwerk(arguments)
    #expect(result.status != 0)
    #expect(result.errors.contains(text))
  }

  @Test func `checks and tests the shipped policies`() throws {
    #expect(try sperrwerk(["check"]).output.contains("policies are well"))
    let tests = try sperrwerk(["test"])
    #expect(tests.status == 0)
    #expect(tests.output.contains(" 0 failed"))
  }

  @Test func `reads a rotated, compressed log in the order of its time`() throws {
    let folder = NSTemporaryDirectory() + "rotated-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let lines = try String(contentsOfFile: root + "/samples/seed-story/mail.log", encoding: .utf8)
      .split(separator: "\n")
    let old = lines[..<2000].joined(separator: "\n") + "\n"
    try old.write(toFile: folder + "/mail.log.1", atomically: true, encoding: .utf8)
    let new = lines[2000...].joined(separator: "\n") + "\n"
    try new.write(toFile: folder + "/mail.log", atomically: true, encoding: .utf8)
    _ = try run("/usr/bin/gzip", [folder + "/mail.log.1"])
    let decisions = folder + "/.decisions"
    let whole = folder + "/.whole"
    #expect(try sperrwerk(["replay", "--decisions", decisions, folder]).status == 0)
    #expect(
      try sperrwerk(["replay", "--decisions", whole, "samples/seed-story/mail.log"]).status == 0)
    func actions(_ path: String) throws -> [String] {
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        .map { String($0.prefix(100)) }
    }
    #expect(try actions(decisions) == actions(whole))
  }

  @Test func `reads the logs of two programs side by side, by their time`() throws {
    let folder = NSTemporaryDirectory() + "two-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let lines = try String(contentsOfFile: root + "/samples/seed-story/mail.log", encoding: .utf8)
      .split(separator: "\n")
    for (name, isDovecot) in [("dovecot.log", true), ("mail.log", false)] {
      let own = lines.filter { $0.contains(" dovecot: ") == isDovecot }
      #expect(own.count > 100)
      try (own.joined(separator: "\n") + "\n").write(
        toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }
    var seen: [[String]] = []
    for logs in [
      [folder + "/dovecot.log", folder + "/mail.log"], ["samples/seed-story/mail.log"],
    ] {
      let decisions = folder + "/decisions"
      #expect(try sperrwerk(["replay", "--decisions", decisions] + sample + logs).status == 0)
      let text = try String(contentsOfFile: decisions, encoding: .utf8)
      seen.append(text.split(separator: "\n").map { String($0.prefix(120)) })
    }
    #expect(seen[0] == seen[1])
    #expect(!seen[0].isEmpty)
  }

  @Test func `names every log that it read, whatever the log is called`() throws {
    let file = NSTemporaryDirectory() + "changes-queue-" + UUID().uuidString + ".log"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try FileManager.default.copyItem(
      atPath: root + "/samples/seed-story/password-changes.log", toPath: file)
    let result = try sperrwerk(
      ["replay", "--password-changes", file, "samples/seed-story/mail.log"])
    #expect(result.output.contains("\(file): "), "\(result.output.prefix(500))")
  }

  @Test func `reads a file once that is named twice, and says what tells nothing`() throws {
    let log = "samples/seed-story/mail.log"
    let twice = try sperrwerk(["replay", log, "./" + log])
    #expect(twice.status == 0 && twice.errors.contains("./\(log): is named twice, and read once"))
    #expect(twice.output.contains("430 messages"))
    #expect(try sperrwerk(["events", "README.md"]).errors.contains("none of which tells of mail"))
    #expect(try sperrwerk(["events", "nosuch.log"]).status == 66)
    #expect(try sperrwerk(["replay", "/dev/null"]).errors.contains("/dev/null: is empty"))
    let table = try sperrwerk(["replay", "--accounts", log, log]).output
    #expect(table.split(separator: "\n").count < 100)
  }

  @Test(arguments: ["dora@suedlicht.example", " Dora@Suedlicht.example "])
  func `explains what was decided, however the login is written`(login: String) throws {
    let result = try sperrwerk(
      ["explain", "--subject", login] + sample + ["samples/seed-story/mail.log"])
    #expect(result.status == 0 && result.output.contains(" suspend rejections\n"))
    #expect(
      result.output.contains("rejections           delivery: all gates passed 1 time, decided 1"))
  }

  @Test func `explains what kept a login from being stopped, and a case with its numbers`() throws {
    let subject = ["explain", "--subject", "shop@suedlicht.example", "samples/seed-story/mail.log"]
    let text = try sperrwerk(subject + sample).output
    #expect(text.contains("shop@suedlicht.example: nothing is decided about it"))
    let nearest = "rejections           delivery: shut by certainty 0.14 of 1; passed refusers 3"
    #expect(text.contains(nearest), "\(text)")
    #expect(text.contains("guessed-password     nothing met its condition (where)"))
    let json = try sperrwerk(subject + sample + ["--format", "json"]).output
    #expect(json.contains(#""allowed":0,"asked":0,"decided":0,"event":"delivery","gates":[{"#))

    let one = ["explain", "--case", "1", "samples/seed-story/mail.log"]
    let detail = try sperrwerk(one + sample).output
    #expect(detail.contains("certainty=1.08 refused=12 refusers=3"))
    #expect(detail.contains("settings of rejections: honest=0.05"))
    #expect(detail.contains("samples/seed-story/mail.log:658:") && detail.contains("said: "))
    for line in (text + detail).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(try sperrwerk(one + ["--format", "json"]).output.contains(#""settings":[{"name":"#))
  }

  @Test func `restores only after the customer's report, where reports are given`() throws {
    let file = NSTemporaryDirectory() + "reports-" + UUID().uuidString
    let decisions = file + ".jsonl"
    defer { for path in [file, decisions] { try? FileManager.default.removeItem(atPath: path) } }
    for (report, isRestored) in [
      ("2026-11-24T05:00:00Z erik@wiederverkauf.example\n", true), ("", false),
    ] {
      try report.write(toFile: file, atomically: true, encoding: .utf8)
      _ = try sperrwerk(
        ["replay", "--reports", file, "--decisions", decisions] + sample
          + ["samples/seed-story/mail.log"])
      let text = try String(contentsOfFile: decisions, encoding: .utf8)
      #expect(text.contains(#""action":"restore","subject":"erik"#) == isRestored)
    }
  }

  @Test func `reads on where a compressed log is cut, and says so`() throws {
    let folder = NSTemporaryDirectory() + "cut-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(
      atPath: root + "/samples/seed-story/mail.log", toPath: folder + "/mail.log")
    _ = try run("/usr/bin/gzip", [folder + "/mail.log"])
    let packed = try #require(FileManager.default.contents(atPath: folder + "/mail.log.gz"))
    try packed.prefix(packed.count / 2).write(to: URL(fileURLWithPath: folder + "/cut.gz"))
    let result = try sperrwerk(["replay", folder + "/cut.gz"])
    #expect(result.status != 0)
    #expect(result.errors.contains("truncated") && result.errors.contains("cut.gz:"))
    #expect(result.output.contains("of them events"))
  }

  @Test func `prints events as JSON objects with the field's words`() throws {
    let result = try sperrwerk(["events", "samples/seed-story/mail.log"])
    let first = try #require(result.output.split(separator: "\n").first)
    let event = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any]
    #expect(event?["kind"] is String)
    #expect(event?["time"] is String)
  }
}

@Suite struct `README` {
  @Test func `has commands that work`() throws {
    let text = try String(contentsOfFile: root + "/README.md", encoding: .utf8)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
    let commands = text.split(separator: "\n").filter { $0.hasPrefix("    $ sperrwerk ") }
    #expect(commands.count >= 6)
    for command in commands {
      let line = command.dropFirst("    $ sperrwerk ".count)
      let result = try run("/bin/bash", ["-c", "'\(program)' \(line)"])
      #expect(result.status == 0, "\(line): \(result.errors)")
    }
  }
}

@Suite struct `The measuring sticks` {
  static let shared = root + "/../shared"
  static let isThere = FileManager.default.fileExists(atPath: shared + "/accept/parse.py")

  @Test(.enabled(if: isThere, "skipped: no ../shared beside the project"))
  func `find every line of other projects' logs read right`() throws {
    let result = try run(
      "/usr/bin/env",
      ["python3", Self.shared + "/accept/parse.py", program, Self.shared + "/corpora"])
    #expect(result.status == 0, "\(result.output.suffix(2000))")
  }

  @Test(.enabled(if: isThere, "skipped: no ../shared beside the project"))
  func `find replies judged right`() throws {
    let result = try run(
      "/usr/bin/env",
      [
        "python3", Self.shared + "/accept/replies.py", program,
        Self.shared + "/corpora/replies.txt",
      ])
    #expect(result.status == 0, "\(result.output.suffix(2000))")
  }
}
