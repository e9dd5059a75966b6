import Foundation
import Testing

/// A maintainer's script of the package, run in a folder that stands for the machine: every path that it names lies
/// there, and the programs that it calls only note that they were called.
private final class Machine {
  let folder = "/tmp/sw-machine-" + UUID().uuidString.prefix(8)
  private static let programs = [
    "systemd-sysusers", "systemd-tmpfiles", "chgrp", "runuser", "postmap", "postconf",
  ]

  init() throws {
    for part in ["bin", "etc/sperrwerk", "var/lib/sperrwerk", "var/lib/sperrwerk-postfix"] {
      try FileManager.default.createDirectory(
        atPath: folder + "/" + part, withIntermediateDirectories: true)
    }
    for name in Self.programs { try program(name, "echo \"\(name) $*\" >> \(folder)/calls") }
    try program("sperrwerk", "echo \"sperrwerk $*\" >> \(folder)/calls; touch \"$2\"")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func program(_ name: String, _ body: String) throws {
    let file = folder + "/bin/" + name
    try "#!/bin/sh\n\(body)\n".write(toFile: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
  }

  func carryOut(_ script: String, _ arguments: String) throws -> String {
    var text = try String(contentsOfFile: root + "/debian/" + script, encoding: .utf8)
    for path in ["/etc/", "/var/", "/run/"] {
      for before in [" ", "=", "\""] {
        text = text.replacing(before + path, with: before + folder + path)
      }
      // It may remove what it names.
      try #require(!text.replacing(folder + path, with: "").contains(path))
    }
    try text.write(toFile: folder + "/script", atomically: true, encoding: .utf8)
    let line = "PATH=\(folder)/bin:$PATH sh -e \(folder)/script \(arguments) 2>&1"
    let result = try run("/bin/sh", ["-c", line])
    #expect(result.status == 0, "\(result.output)")
    return result.output
  }

  var calls: String {
    (try? String(contentsOfFile: folder + "/calls", encoding: .utf8))?
      .replacing(folder, with: "") ?? ""
  }

  func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder + path) }

  func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: folder + path)[.posixPermissions] as? Int
  }
}

@Suite struct `The package, when it is installed,` {
  @Test func `makes the tables that main.cf may name, as the service's user`() throws {
    let machine = try Machine()
    _ = try machine.carryOut("sperrwerk.postinst", "configure")
    #expect(machine.calls.contains("sperrwerk init /etc/sperrwerk/sperrwerk.yaml\n"))
    #expect(
      machine.calls.contains(
        "runuser -u sperrwerk -- sperrwerk tables --settings /etc/sperrwerk/sperrwerk.yaml\n"))
  }

  @Test func `sets who may read the settings, and at an upgrade leaves that as it is`() throws {
    let machine = try Machine()
    let settings = "/etc/sperrwerk/sperrwerk.yaml"
    _ = try machine.carryOut("sperrwerk.postinst", "configure")
    #expect(machine.calls.contains("chgrp sperrwerk \(settings)\n"))
    #expect(try machine.mode(settings) == 0o640)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: machine.folder + settings)
    try FileManager.default.removeItem(atPath: machine.folder + "/calls")
    _ = try machine.carryOut("sperrwerk.postinst", "configure 0.1.0")
    #expect(try machine.mode(settings) == 0o600 && !machine.calls.contains("chgrp"))
    // What was removed stays removed.
    try FileManager.default.removeItem(atPath: machine.folder + settings)
    _ = try machine.carryOut("sperrwerk.postinst", "configure 0.1.0")
    #expect(!machine.isThere(settings) && !machine.calls.contains("init"))
  }
}

@Suite struct `The package, when it is purged,` {
  @Test(arguments: [
    "postconf -n", "postconf -P", "/etc/postfix-out/main.cf", "/etc/postfix/master.cf",
  ])
  func `leaves the tables that Postfix is told of, and says what to do`(place: String) throws {
    let machine = try Machine()
    let line = "check_sasl_access lmdb:\(machine.folder)/var/lib/sperrwerk-postfix/accounts"
    if place.hasPrefix("postconf") {
      try machine.program(
        "postconf", "[ \"postconf $*\" != '\(place)' ] || echo '\(line)'")
    } else {
      let file = machine.folder + place
      try FileManager.default.createDirectory(
        atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try "\(line)\n".write(toFile: file, atomically: true, encoding: .utf8)
    }
    let said = try machine.carryOut("sperrwerk.postrm", "purge")
    #expect(said.contains("it stays, since Postfix defers all mail"))
    #expect(said.contains("rm -r \(machine.folder)/var/lib/sperrwerk-postfix"))
    #expect(machine.isThere("/var/lib/sperrwerk-postfix"))
    #expect(!machine.isThere("/var/lib/sperrwerk") && !machine.isThere("/etc/sperrwerk"))
  }

  @Test func `takes all of it where Postfix is told of nothing`() throws {
    let machine = try Machine()
    #expect(try machine.carryOut("sperrwerk.postrm", "purge").isEmpty)
    #expect(!machine.isThere("/var/lib/sperrwerk-postfix"))
    let removed = try Machine()
    #expect(try removed.carryOut("sperrwerk.postrm", "remove").isEmpty)
    #expect(removed.isThere("/var/lib/sperrwerk-postfix") && removed.isThere("/etc/sperrwerk"))
  }
}
