import Actions
import Events
import Foundation
import Synchronization
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
      #expect(seen.text.hasSuffix(says))
      #expect((seen.fault != nil) == seen.text.contains("not ended"))
      let asked = try String(contentsOfFile: folder + "/asked", encoding: .utf8)
      #expect(asked == "auth cache flush anna@nordwind.example\nkick anna@nordwind.example\n")
    }
  }

  @Test func `of a login that is an option are left alone`() async {
    let seen = await DovecotSessions(doveadm: "/bin/false").end("-a")
    #expect(seen.text.contains("cannot be given to doveadm") && seen.fault == .unfitLogin)
  }

  @Test func `stay where doveadm is away, and that is said`() async {
    let seen = await DovecotSessions(doveadm: "/nosuch/doveadm").end("anna@nordwind.example")
    #expect(seen.text.contains("sessions were not ended: /nosuch/doveadm: cannot be run"))
    #expect(seen.fault == .notRun)
  }

  @Test func `that go on are told of, at the suspension and before sending is opened`()
    async throws
  {
    try await withFolder { folder in
      // As postmap: an entry is found where its last change put one.
      let postmap = try fake(
        "postmap", in: folder,
        """
        case "$*" in
          *-q*) cat \(folder)/entry 2> /dev/null;;
          *-d*) rm -f \(folder)/entry;;
          *) sed 's/^[^ ]* //' > \(folder)/entry;;
        esac
        """)
      let told = Mutex<[String]>([])
      let actuator = PostfixActuator(
        table: PostfixTable(
          path: folder + "/accounts", text: "x", postmap: postmap, configuration: nil),
        sites: SiteTable(
          path: folder + "/sites",
          postfix: PostfixSettings(postconf: "/bin/false", configuration: nil),
          held: HeldSites(
            path: folder + "/held", postmap: postmap,
            postfix: PostfixSettings(postconf: "/bin/false", configuration: nil),
            configuration: nil)),
        doveadm: "/nosuch/doveadm",
        onFault: { what, _, seen in told.withLock { $0.append("\(what) \(seen.prefix(10))") } })
      for (kind, says) in [
        (Order.Kind.suspend, "sessions were not ended: "), (.open, "sessions were not ended: "),
        (.hold, nil),
      ] {
        let order = Order(id: 1, caseNumber: 1, subject: "anna@x.example", kind: kind)
        let seen = await actuator.endSessions(order)
        #expect(says.map { seen?.hasPrefix($0) == true } ?? (seen == nil))
      }
      let site = Order(id: 1, caseNumber: 1, subject: "uid:5012", kind: .suspend)
      #expect(await actuator.endSessions(site) == nil)
      let name = "running doveadm anna@x.exa"
      #expect(told.withLock { $0 } == [name, name])
    }
  }
}
