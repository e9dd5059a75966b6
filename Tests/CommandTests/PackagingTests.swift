import Actions
import ArgumentParser
import Foundation
import Testing

@testable import sperrwerk

private func has(_ program: String) -> Bool {
  FileManager.default.isExecutableFile(atPath: program)
}

private let analyze = "/usr/bin/systemd-analyze"
private let activate = "/usr/bin/systemd-socket-activate"
private let visudo = "/usr/sbin/visudo"

@Suite struct `What the package installs` {
  static let units = ["sperrwerk.service", "sperrwerk-root.socket", "sperrwerk-root@.service"]

  @Test(.enabled(if: has(analyze), "skipped: no systemd-analyze on this machine"))
  func `are units that systemd takes without a word`() throws {
    // The programs that they name are not installed where this is tested.
    let folder = NSTemporaryDirectory() + "units-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for unit in Self.units {
      try text("packaging/" + unit).replacing("/usr/bin/sperrwerk", with: "/bin/true")
        .write(toFile: folder + "/" + unit, atomically: true, encoding: .utf8)
    }
    let result = try run(
      analyze, ["verify", "--man=no"] + Self.units.map { folder + "/" + $0 })
    #expect(result.status == 0)
    // It also speaks of units of this machine.
    let ours = (result.output + result.errors).split(separator: "\n").filter {
      $0.contains("sperrwerk")
    }
    #expect(ours.isEmpty)
  }

  @Test(
    .enabled(if: has(analyze), "skipped: no systemd-analyze on this machine"),
    arguments: ["sperrwerk.service", "sperrwerk-root@.service"])
  func `is exposed as little as the service can be`(unit: String) throws {
    let result = try run(
      analyze, ["security", "--offline=yes", "--threshold=25", root + "/packaging/" + unit])
    #expect(result.status == 0, "\(result.output.suffix(200))")
  }

  @Test(.enabled(if: has(visudo), "skipped: no sudo on this machine"))
  func `has an example that sudo takes`() throws {
    let result = try run(visudo, ["-cf", root + "/packaging/sudoers"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test func `lets sudo do just what the root part does`() throws {
    let sudoers = try text("packaging/sudoers")
    for options in [["-h", "-"], ["-H", "-"], ["-r", "-", "hold"], ["-d", "-", "hold"]] {
      _ = try RootOrder(["/usr/sbin/postsuper"] + options, input: "")
      let allowed = "postsuper " + options.joined(separator: " ")
      #expect(sudoers.contains(allowed + ",") || sudoers.contains(allowed + "\n"), "\(allowed)")
      let manual = allowed.split(separator: " ").dropFirst().joined(separator: " ")
        .replacing("-", with: "\\-")
      #expect(try text("packaging/manual.py").contains(manual), "\(manual)")
    }
    let pattern = try #require(
      sudoers.split(separator: "\n").first { $0.contains("^kick ") }?
        .split(separator: "^kick ")[1].split(separator: "$")[0])
    let logins = [
      "anna@nordwind.example", "web12", "ada", "5012web", "10.0.0.1@nordwind.example", "-A", "*",
      "10.0.0.1", "0x7f.1", "0x0", "12", "127.1", "::1", "0.0.0.0/0",
    ]
    for login in logins {
      let asked = try run("/bin/sh", ["-c", "echo '\(login)' | grep -Ex '\(pattern)'"])
      #expect((asked.status == 0) == RootOrder.isLogin(login), "\(login)")
    }
  }

  @Test func `has the program's own version`() throws {
    let version = Sperrwerk.configuration.version
    #expect(try text("debian/changelog").hasPrefix("sperrwerk (\(version)) "))
  }

  @Test func `has a manual with each command and each setting`() throws {
    let page = try run("/usr/bin/env", ["python3", root + "/packaging/manual.py", program])
    #expect(page.status == 0, "\(page.errors)")
    for key in SettingKey.all { #expect(page.output.contains("\\fB\(key.name)\\fR")) }
    for command in Sperrwerk.configuration.subcommands where command.configuration.shouldDisplay {
      let name = try #require(command.configuration.commandName)
      #expect(page.output.contains("sperrwerk \(name.replacing("-", with: "\\-"))"))
    }
    #expect(!page.output.contains("as\\-root PROGRAM"))
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOfFile: root + "/" + file, encoding: .utf8)
  }
}

@Suite struct `The part that is root` {
  @Test(.enabled(if: has(activate), "skipped: no systemd-socket-activate on this machine"))
  func `answers over its socket, and refuses what is none of its orders`() throws {
    let socket = "/tmp/sw-\(UUID().uuidString.prefix(8))"
    let listener = Process()
    listener.executableURL = URL(fileURLWithPath: "/bin/sh")
    // It closes what a `Process` listens to and ends at no SIGTERM: a shell stands between.
    listener.arguments = [
      "-c",
      "\(activate) --accept --inetd -l \(socket) \(program) serve-root & read end; kill -9 $!",
    ]
    listener.standardError = FileHandle.nullDevice
    let end = Pipe()
    listener.standardInput = end
    try listener.run()
    defer {
      try? end.fileHandleForWriting.close()
      listener.waitUntilExit()
      try? FileManager.default.removeItem(atPath: socket)
    }
    for _ in 0..<1500 where !FileManager.default.fileExists(atPath: socket) { usleep(20_000) }
    let result = try sperrwerk(["as-root", "--socket", socket, "/bin/sh", "-c", "id"])
    #expect(result.status == 126, "\(result.errors)")
    #expect(result.errors.contains("'/bin/sh -c id' is none of the orders that root carries out"))
  }

  @Test func `is missed with a word on what to do`() throws {
    let result = try sperrwerk(["as-root", "--socket", "/nosuch/socket", "/bin/true"])
    #expect(result.status == 69)
    #expect(result.errors.contains("does not answer; systemctl start sperrwerk-root.socket"))
  }

  @Test func `takes no order that it cannot read`() throws {
    let answer = try run("/bin/sh", ["-c", "echo nonsense | \(program) serve-root"])
    #expect(answer.output.contains("this is no order"))
  }
}
