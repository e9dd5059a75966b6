import Actions
import Events
import Foundation
import Testing

@Suite struct `Dovecot's sessions` {
  // As 2.3.19 and 2.4.1 print it.
  @Test(arguments: [
    ("echo 'USER kicked connections from the following users:'", "open sessions were ended"),
    ("echo '1 connections kicked'", "open sessions were ended"),
    ("echo 'no users kicked'; exit 68", "no session was open"),
    ("echo '0 connections kicked'", "no session was open"),
    ("echo 'doveadm: Fatal: no config' >&2; exit 89", "were not ended: doveadm: Fatal: no config"),
  ])
  func `are ended, and it is said what was seen`(text: String, says: String) async throws {
    try await withFolder { folder in
      let doveadm = try fake(
        "doveadm", in: folder, "echo \"$*\" >> \(folder)/asked; [ $1 = auth ] || { \(text); }")
      let seen = await DovecotSessions(doveadm: doveadm).end("anna@nordwind.example")
      #expect(seen.hasSuffix(says))
      let asked = try String(contentsOfFile: folder + "/asked", encoding: .utf8)
      #expect(asked == "auth cache flush anna@nordwind.example\nkick anna@nordwind.example\n")
    }
  }

  @Test func `of a login that is an option are left alone`() async {
    let seen = await DovecotSessions(doveadm: "/bin/false").end("-a")
    #expect(seen.contains("cannot be given to doveadm"))
  }

  @Test func `stay where doveadm is away, and that is said`() async {
    let seen = await DovecotSessions(doveadm: "/nosuch/doveadm").end("anna@nordwind.example")
    #expect(seen.contains("sessions were not ended: /nosuch/doveadm: cannot be run"))
  }
}
