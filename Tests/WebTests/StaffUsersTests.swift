import Foundation
import Testing
import Web

/// "storm-surge", by each method that Debian's libcrypt offers.
private let hashes = [
  "$6$rounds=1000$nordwind$nsp/Q.Wta04l0Vka/lRacJ66NFtr/wCRikXf/6EeS6mP.jPksTe4w2UWdu4O4LWlOUEkx28jpD2TPQfOzVHUj/",
  "$y$j75$nordwind$jIpJfJFHGZJ4iuiSBREe3OgdMJxZZ0hd377i1aVxjj2",
  "$2b$04$abcdefghijklmnopqrstuuP3sGUEd5wozOoUAaLrcKeNBqVPci0dq",
]

@Suite struct `The staff's users` {
  @Test(arguments: hashes) func `are let in with their password only`(hash: String) throws {
    let users = try StaffUsers("# the desk\n\nanna:\(hash)\n", file: "users")
    #expect(users.accepts("anna", "storm-surge"))
    for wrong in ["", "storm-surg", "storm-surge ", "storm-surge\u{0}x", "Storm-surge", hash] {
      #expect(!users.accepts("anna", wrong), "\(wrong)")
    }
    for nobody in ["", "Anna", "anna ", "ann", "anna:", "*"] {
      #expect(!users.accepts(nobody, "storm-surge"), "\(nobody)")
    }
  }

  @Test func `take as long for a name that is not there`() throws {
    let users = try StaffUsers("anna:\(hashes[0])\n", file: "users")
    let clock = ContinuousClock()
    func time(_ name: String) -> Duration { clock.measure { _ = users.accepts(name, "wrong") } }
    // In turn, and the least of each: whatever slows the machine only adds.
    let times = (0..<25).map { _ in (time("anna"), time("berta")) }
    let there = try #require(times.map(\.0).min())
    let nobody = try #require(times.map(\.1).min())
    #expect(there < nobody * 2 && nobody < there * 2, "\(there) \(nobody)")
  }

  @Test func `are nobody where the file is empty`() throws {
    let users = try StaffUsers("", file: "users")
    #expect(!users.accepts("anna", ""))
  }

  @Test(arguments: [
    ("anna", ":1: is no user; write NAME:HASH"),
    (
      "anna:",
      ":1: the hash of anna is none, or of a kind that is broken; make one: mkpasswd -m yescrypt"
    ),
    ("\nanna:*0", ":2: the hash of anna is none"), ("anna:!", ":1: the hash of anna is none"),
    ("anna:noLrCRMN40Oyg", ":1: the hash of anna is none, or of a kind that is broken"),
    ("anna:$1$nordwind$iO2wVKoOvthQ20fYr0iIe0", ":1: the hash of anna is none, or of a kind"),
    ("an na:\(hashes[0])", ":1: the name is not fit; use 1 to 64"),
    (":\(hashes[0])", ":1: the name is not fit"),
    ("a:\(hashes[0])\na:\(hashes[1])", ":2: a stands here twice; keep one of the lines"),
  ])
  func `are refused where the file is wrong, with the line`(text: String, says: String) {
    let error = #expect(throws: WebError.self) { try StaffUsers(text, file: "users") }
    #expect(
      error.map { "\($0)" }?.hasPrefix("users" + says) == true, "\(String(describing: error))")
  }

  @Test func `need a file`() {
    let error = #expect(throws: WebError.self) { try StaffUsers.read("/nowhere/users") }
    #expect(error.map { "\($0)" }?.hasPrefix("/nowhere/users: cannot be read; make it") == true)
  }
}

@Suite struct `The staff's sessions` {
  @Test func `end by rest, by age and by word`() {
    let sessions = StaffSessions()
    var now = at(0)
    let id = sessions.begin("anna", hash: "h", at: now)
    #expect(sessions.find(id, at: now, isAsking: true)?.name == "anna")
    #expect(sessions.find("other", at: now, isAsking: true) == nil)
    // What a page does by itself keeps nobody signed in.
    _ = sessions.find(id, at: at(1000), isAsking: false)
    #expect(sessions.find(id, at: at(1801), isAsking: true) == nil)
    let kept = sessions.begin("anna", hash: "h", at: at(0))
    for second in stride(from: 0, to: 12 * 3600, by: 1000) {
      now = at(Int64(second))
      #expect(sessions.find(kept, at: now, isAsking: true) != nil)
    }
    #expect(sessions.find(kept, at: at(12 * 3600), isAsking: true) == nil)
    let left = sessions.begin("anna", hash: "h", at: at(0))
    sessions.end(left)
    #expect(sessions.find(left, at: at(1), isAsking: true) == nil)
  }

  @Test func `are no two the same, and not without end`() {
    let sessions = StaffSessions()
    let ids = (0..<1000).map { sessions.begin("anna", hash: "h", at: at(Int64($0))) }
    #expect(Set(ids).count == 1000)
    let alive = ids.count { sessions.find($0, at: at(1000), isAsking: false) != nil }
    #expect(alive == 200)
  }
}
