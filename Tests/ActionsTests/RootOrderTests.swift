import Actions
import Events
import Foundation
import Testing

@Suite struct `An order that only root can carry out` {
  @Test(arguments: [
    ["/usr/sbin/postsuper", "-h", "-"], ["/usr/sbin/postsuper", "-d", "-", "hold"],
    ["/usr/sbin/postsuper", "-c", "/etc/postfix-out", "-r", "-", "hold"],
    ["/usr/bin/doveadm", "kick", "dora@suedlicht.example"],
    ["/usr/bin/doveadm", "auth", "cache", "flush", "dora@suedlicht.example"],
  ])
  func `is taken when it is one of the few`(words: [String]) throws {
    let order = try RootOrder(words, input: "")
    #expect(order.program == words[0] && order.arguments == Array(words.dropFirst()))
  }

  @Test(arguments: [
    [], ["/bin/sh", "-c", "id"], ["postsuper", "-h", "-"], ["/usr/sbin/postsuper"],
    ["/usr/sbin/postsuper", "-d", "-"], ["/usr/sbin/postsuper", "-r", "-"],
    ["/usr/sbin/postsuper", "-d", "ALL"],
    ["/usr/sbin/postsuper", "-h", "-", "-d", "ALL"],
    ["/usr/sbin/postsuper", "-c", "/tmp/postfix", "-h", "-"],
    ["/usr/sbin/postsuper", "-c", "/etc/postfix/../../tmp/x", "-h", "-"],
    ["/usr/sbin/postsuper", "-c", "/etc/postfix", "-c", "/tmp", "-h", "-"],
    ["/usr/sbin/postsuper", "-c"], ["/usr/sbin/postfix", "reload"],
    ["/usr/bin/doveadm", "kick", "*"], ["/usr/bin/doveadm", "kick", "dor?@suedlicht.example"],
    ["/usr/bin/doveadm", "kick", "-A"], ["/usr/bin/doveadm", "kick", ""], ["/usr/bin/doveadm"],
    ["/usr/bin/doveadm", "kick", "dora@suedlicht.example", "anna@nordwind.example"],
    ["/usr/bin/doveadm", "pw", "dora"],
  ])
  func `is refused when it is anything else`(words: [String]) {
    let error = #expect(throws: ActionError.self) { _ = try RootOrder(words, input: "") }
    #expect(error?.description.contains("is none of the orders that root carries out") == true)
  }

  @Test func `names messages by their ids, and by nothing else`() throws {
    let postsuper = ["/usr/sbin/postsuper", "-h", "-"]
    #expect(try RootOrder(postsuper, input: "4ZxQ9b1sL2z3K\n87E32FA6138\n").input.count == 26)
    for input in [
      "ALL\n", "../x\n", "-d\n", "87E32FA6138 ALL\n", String(repeating: "A", count: 64),
    ] {
      #expect(throws: ActionError.self) { _ = try RootOrder(postsuper, input: input) }
    }
    #expect(throws: ActionError.self) {
      _ = try RootOrder(["/usr/bin/doveadm", "kick", "ada"], input: "87E32FA6138\n")
    }
  }
}

@Suite struct `A program that needs more rights` {
  @Test func `is run through what the settings put before it`() async throws {
    let result = try await Program("/bin/echo", through: ["/usr/bin/env", "--"]).run(["a b", "c"])
    #expect(result.output == "a b c\n")
    let sent = try await Program("/bin/cat", through: ["/usr/bin/env"]).run([], input: "one\n")
    #expect(sent.output == "one\n")
    let missing = Program("/bin/echo", through: ["/nosuch/sudo"])
    let error = await #expect(throws: ActionError.self) { _ = try await missing.run([]) }
    #expect(error?.description.contains("cannot be run") == true)
  }

  @Test(arguments: [
    "*", "a?@nordwind.example", "0.0.0.0/0", "::/0", "10.0.0.1", "0/0", "10", "127.1", "0x0/0",
    "0x7f.1", "[::]/0", "fe80::1", "::ffff:10.0.0.1", "1/1@x", "5012",
  ])
  func `does not kick everybody for a login that is a mask or a network`(login: String) {
    #expect(!RootOrder.isLogin(login))
  }

  @Test(arguments: [
    "anna@nordwind.example", "web12", "ada", "5012web", "10.0.0.1@nordwind.example", "dead.beef",
    "1und1@x.example",
  ])
  func `takes a login`(login: String) { #expect(RootOrder.isLogin(login)) }
}

@Suite struct `A file that is replaced` {
  @Test func `has its mode whatever the umask, so that websites can read their list`() throws {
    let file = NSTemporaryDirectory() + "mode-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    let before = umask(0o077)
    defer { umask(before) }
    try SafeFile.write("x\n", to: file)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o644)
  }
}
