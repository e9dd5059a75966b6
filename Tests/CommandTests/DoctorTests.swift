import Events
import Foundation
import Testing

@testable import sperrwerk

@Suite struct `The doctor` {
  @Test(arguments: [
    ("submission/inet", "587"), ("smtps/inet", "465"), ("127.0.0.1:10587/inet", "10587"),
    ("587", "587"), ("[::1]:25/inet", "25"),
  ])
  func `knows the port of a service by any of its names`(name: String, port: String) {
    #expect(DovecotExamination.port(of: name) == port)
  }

  @Test(arguments: [(5, "5 s"), (119, "1 min"), (7200, "2 h"), (200_000, "2 d"), (-3, "0 s")])
  func `says an age in one unit`(seconds: Int64, text: String) {
    #expect(LogExamination.text(.init(seconds: seconds)) == text)
  }

  /// What it says of a folder of files with these settings; `@` stands for the folder.
  private func findings(
    _ files: [String: String], _ settings: String, _ options: [String] = []
  ) throws -> [Finding] {
    let folder = "/tmp/sw-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(
      atPath: folder + "/state", withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o755])
    for (name, text) in files {
      let path = folder + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.replacing("@/", with: folder + "/").write(
        toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    let file = folder + "/s.yaml"
    try ("state: @/state\npolicies: @/policies\n" + settings).replacing("@/", with: folder + "/")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let answer = try sperrwerk(["doctor", "--settings", file, "--format", "json"] + options)
    #expect(answer.status == 1)
    return try JSONDecoder().decode([Finding].self, from: Data(answer.output.utf8)).map {
      var found = $0
      found.what = found.what.replacing(folder, with: "@")
      return found
    }
  }

  @Test func `finds silent, empty, foreign and missing logs`() throws {
    let line = "2026-11-24T03:00:00Z mx postfix/qmgr[1]: ABC123: removed\n"
    let found = try findings(
      [
        "good.log": line, "empty.log": "",
        "web.log": String(repeating: "GET / 200\n", count: 60),
      ], "logs: [@/good.log, @/empty.log, @/web.log, @/none.log]\n")
    func state(_ part: String) -> Finding.State? {
      found.first { $0.area == .logs && $0.what.contains(part) }?.state
    }
    #expect(state("good.log: last written") == .well && state("good.log: 1 of its last 1") == .well)
    #expect(state("empty.log has lines") == .fault)
    #expect(state("web.log: 0 of its last 60 lines tell of mail") == .fault)
    #expect(state("none.log can be read") == .fault)
  }

  @Test func `takes the programs and files that the settings name, and no others`() throws {
    let settings = """
      logs: []
      contacts: "@/none.csv"
      sendmail: "@/none"
      postfix:
        postconf: "@/postconf"
      """
    let found = try findings(["postconf": "#!/bin/sh\necho hash\n"], settings)
    func state(_ what: String) -> Finding.State? { found.first { $0.what == what }?.state }
    #expect(state("contacts: @/none.csv can be read") == .fault)
    #expect(state("sendmail: @/none") == .fault)
    #expect(state("postfix.postconf: @/postconf") == .well)
    #expect(state("notices can be handed over (@/none)") == .fault)
    #expect(state("Postfix knows lmdb tables") == .fault)
  }

  @Test func `asks the journal and what tells of password changes, and makes nothing`() throws {
    let settings = """
      logs: []
      journal: /nowhere
      passwords:
        passwd_file: "@/users"
        command: [/bin/false]
      """
    let found = try findings(["users": "a@x.example:{PLAIN}x\n"], settings)
    func state(_ part: String) -> Finding.State? {
      found.first { $0.what.contains(part) }?.state
    }
    #expect(state("the journal can be read") == .fault)
    #expect(state("passwords.passwd_file answers") == .well)
    #expect(state("passwords.command answers") == .fault)
    let none = try findings([:], "logs: [@/none.log]\n")
    #expect(none.contains { $0.what.contains("no source tells of password changes") })
  }

  @Test func `shows what each source says of an account, however its name is written`() throws {
    let found = try findings(
      [
        "users": "Dora@suedlicht.example:{PLAIN}x\n",
        "changes": "2026-11-24T03:26:14Z DORA@suedlicht.example\n",
      ],
      """
      logs: []
      password_changes: "@/changes"
      passwords:
        passwd_file: "@/users"
        command: [/bin/false]

      """, ["--account", "dora@Suedlicht.example"])
    let says = found.filter { $0.what.contains("dora@suedlicht.example") }
    #expect(
      says.map { "\($0.state.rawValue) \($0.what)" } == [
        "note the password of dora@suedlicht.example: @/changes: changed at 2026-11-24T03:26:14Z (@/changes:1)",
        "fault passwords.command tells of dora@suedlicht.example's password",
        "note the password of dora@suedlicht.example: passwords.passwd_file: has a hash; whether it was "
          + "changed shows against one kept at a suspension",
      ])
  }

  @Test func `says what customers see of a text that is not ASCII`() throws {
    let found = try findings([:], "policy_service:\n  text: 'Grüße'\n")
    #expect(
      found.contains {
        $0.state == .note && $0.what == "policy_service.text: customers see 'Gr??e'"
      })
    #expect(try !findings([:], "logs: []\n").contains { $0.what.contains("policy_service.text") })
  }

  @Test func `counts accounts that have nobody else to be told, and finds broken lines`() throws {
    let found = try findings(
      [
        "a.csv":
          "account,contact\na@x.example,b@y.example\nb@x.example,B@x.example\nc@x.example,\n",
        "s.csv": "uid,user\nabc,web1\n",
      ], "accounts: @/a.csv\nsites: @/s.csv\n")
    let directory = found.filter { $0.area == .directory }
    #expect(directory.contains { $0.what.contains("2 accounts have no contact but themselves") })
    #expect(directory.contains { $0.what.contains("s.csv:2: uid is no number") })
  }

  @Test func `finds programs that fail, and a state folder that others can read`() throws {
    let found = try findings(
      [
        "postsuper":
          "#!/bin/sh\necho 'postsuper: fatal: use of this command is reserved' >&2; exit 1\n"
      ], "postfix:\n  postsuper: @/postsuper\n  postmap: @/none\n")
    let faults = found.filter { $0.state == .fault }
    #expect(faults.contains { $0.what.contains("postfix.postmap: @/none") })
    #expect(faults.contains { $0.what.contains("others cannot look into it") })
    if FileManager.default.fileExists(atPath: "/usr/sbin/postconf") {
      let held = faults.first { $0.what.contains("queued mail can be held") }
      #expect(held?.remedy?.contains("reserved; only root may run postsuper") == true)
    }
  }

  @Test(.enabled(if: hasPostfix, "Postfix is not installed here"))
  func `sees whether sessions can be ended, and says where they stay open`() throws {
    let doveconf = "#!/bin/sh\necho imap\n"
    func sessions(_ doveadm: String, _ settings: String) throws -> Finding? {
      try findings(["bin/doveconf": doveconf, "bin/doveadm": doveadm], settings)
        .first { $0.area == .dovecot }
    }
    let well = try sessions("#!/bin/sh\nexit 68\n", "dovecot:\n  doveadm: @/bin/doveadm\n")
    #expect(well?.state == .well && well?.what == "open sessions can be ended (doveadm kick)")
    let refused = "#!/bin/sh\necho 'doveadm: Fatal: no rights' >&2; exit 75\n"
    let fault = try sessions(refused, "dovecot:\n  doveadm: @/bin/doveadm\n")
    #expect(fault?.state == .fault && fault?.remedy?.contains("doveadm: Fatal: no rights") == true)
    // Through what may do it.
    let helped = try sessions(
      refused, "privileges: [/bin/true]\ndovecot:\n  doveadm: @/bin/doveadm\n")
    #expect(helped?.state == .well)
    if FileManager.default.fileExists(atPath: "/usr/bin/doveconf") {
      let none = try sessions(refused, "logs: []\n")
      #expect(none?.state == .note && none?.what.contains("dovecot.doveadm is not set") == true)
    }
  }

  @Test(
    .enabled(if: hasPostfix, "Postfix is not installed here"),
    arguments: [("", nil), ("192.0.2.1", .note), ("127.0.0.1", .fault)]
      as [(String, Finding.State?)])
  func `looks whom Dovecot's own submission service hands its mail to`(
    host: String, state: Finding.State?
  ) throws {
    let doveconf = """
      #!/bin/sh
      case $2 in
        protocols) echo imap submission ;;
        submission_relay_host) echo \(host) ;;
        *) echo 10999 ;;
      esac

      """
    let found = try findings(
      ["bin/doveconf": doveconf, "bin/doveadm": "#!/bin/sh\n"],
      "dovecot:\n  doveadm: @/bin/doveadm\n")
    #expect(found.first { $0.what.contains("hands its mail to \(host):10999") }?.state == state)
  }

  @Test(.enabled(if: getuid() == 0, "only root can become another user"))
  func `looks at files as the user of the state folder`() throws {
    let folder = "/tmp/sw-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let state = folder + "/state"
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    for (name, mode) in [("secret.log", 0o600), ("open.log", 0o644), ("state/dry-run.db", 0o600)] {
      _ = FileManager.default.createFile(
        atPath: "\(folder)/\(name)", contents: nil, attributes: [.posixPermissions: mode])
    }
    try """
    state: \(state)
    dry_run: true
    logs: [\(folder)/secret.log, \(folder)/open.log]
    accounts: \(folder)/secret.log
    postfix:
      table: \(folder)/table
    """.write(toFile: folder + "/s.yaml", atomically: true, encoding: .utf8)
    func look(owner: Int) throws -> (String) -> Finding? {
      try FileManager.default.setAttributes(
        [.ownerAccountID: owner, .posixPermissions: 0o750], ofItemAtPath: state)
      let answer = try sperrwerk(["doctor", "--settings", folder + "/s.yaml", "--format", "json"])
      let found = try JSONDecoder().decode([Finding].self, from: Data(answer.output.utf8))
      return { part in found.first { $0.what.contains(part) } }
    }
    let nobodys = try look(owner: 65534)
    let log = nobodys("secret.log can be read")
    #expect(log?.state == .fault && log?.remedy?.contains("let user nobody read") == true)
    #expect(nobodys("open.log can be read") == nil && nobodys("open.log has lines") != nil)
    for part in ["accounts: ", "postfix.table: ", "dry-run.db can be written"] {
      #expect(nobodys(part)?.state == .fault, "\(part)")
    }
    #expect(nobodys("state: ")?.state == .well && nobodys("the state folder is root's") == nil)
    let roots = try look(owner: 0)
    #expect(roots("accounts: ")?.state == .well)
    #expect(roots("the state folder is root's")?.state == .note)
  }

  static let hasPostfix = FileManager.default.fileExists(atPath: "/usr/sbin/postconf")

  @Test(.enabled(if: hasPostfix, "Postfix is not installed here"))
  func `looks at every service of master.cf that offers submission`() throws {
    let question = "check_policy_service { unix:@/policy, timeout=5s, default_action=DUNNO }"
    let found = try findings(
      [
        "postfix/main.cf": """
        compatibility_level = 3.6
        mua_sender_restrictions = check_sasl_access lmdb:@/table, \(question)
        mua_end = \(question)
        smtpd_policy_service_try_limit = 1
        authorized_submit_users = !@/sites, static:all

        """,
        "postfix/master.cf": """
        smtp inet n - y - - smtpd
        submission inet n - y - - smtpd
          -o smtpd_sasl_auth_enable=yes
          -o smtpd_sender_restrictions=$mua_sender_restrictions
          -o smtpd_end_of_data_restrictions=$mua_end
        smtps inet n - n - - smtpd
          -o smtpd_sasl_auth_enable=yes
          -o smtpd_sender_restrictions=permit_sasl_authenticated,$mua_sender_restrictions

        """,
      ],
      """
      postfix:
        config: @/postfix
        table: @/table
        sites: @/sites
      policy_service:
        socket: @/policy

      """)
    func state(_ part: String) -> Finding.State? {
      found.first { $0.area == .postfix && $0.what.contains(part) }?.state
    }
    #expect(state("services that take mail with a password: 2") == .well)
    #expect(state("submission/inet: asks the table before any permit") == .well)
    #expect(state("submission/inet: asks again at the end of data") == .well)
    #expect(state("smtps/inet: asks the table before any permit") == .fault)
    #expect(state("smtps/inet: asks the policy service before any permit") == .fault)
    #expect(state("smtps/inet: asks again at the end of data") == .fault)
    #expect(state("try_limit is 1") == .fault)
    #expect(state("websites can be stopped") == .well)
  }

  @Test(.enabled(if: hasPostfix, "Postfix is not installed here"))
  func `finds each table that Postfix is told of and that is not there, in a dry run too`() throws {
    let told = [
      "postfix/main.cf": """
      compatibility_level = 3.6
      tables = @/tables
      mua_sender_restrictions = check_sasl_access lmdb:$tables/accounts
      authorized_submit_users = !@/tables/websites, static:all
      pickup_header_checks = pipemap:{ regexp:{ {/(x)/ $$1} }, lmdb:@/tables/websites_held }

      """,
      "postfix/master.cf": """
      submission inet n - y - - smtpd
        -o smtpd_sender_restrictions=$mua_sender_restrictions
      pickup-cleanup unix n - y - 0 cleanup
        -o header_checks=$pickup_header_checks

      """,
    ]
    let settings = """
      postfix:
        config: @/postfix
        table: @/tables/accounts
        sites: @/tables/websites

      """
    func faults(_ files: [String: String]) throws -> [Finding] {
      try findings(told.merging(files) { $1 }, settings)
        .filter { $0.area == .tables && $0.state == .fault }
    }
    let missing = try faults([:])
    #expect(
      missing.map(\.what) == [
        "the table @/tables/accounts.lmdb, which Postfix is told of, is there",
        "the table @/tables/websites_held.lmdb, which Postfix is told of, is there",
        "the list @/tables/websites, which Postfix is told of, is there",
      ])
    #expect(missing.allSatisfy { $0.remedy?.contains("'sperrwerk tables' makes it") == true })
    let damaged = try faults(["tables/accounts.lmdb": "x", "tables/websites": ""])
    #expect(damaged.contains { $0.what == "the table lmdb:@/tables/accounts can be asked" })
    #expect(!damaged.contains { $0.what.contains("tables/websites,") })
  }

  @Test func `knows a table from another whose name begins alike`() {
    let line = "header_checks = pipemap:{ regexp:{ {/x/ $$1} }, lmdb:/t/websites_held}"
    #expect(TableExamination.names("/t/websites_held", line))
    #expect(!TableExamination.names("/t/websites", line))
    #expect(TableExamination.names("/t/a", "check_sasl_access proxy:lmdb:/t/a,permit"))
  }

  @Test(.enabled(if: getuid() == 0, "only root can become Postfix's user"))
  func `asks the policy service as another user, from within its folder`() throws {
    let service = try Guarded(dryRun: true)
    try service.start()
    try service.waitUntilReady()
    let ask = ["ask-policy-service", "unix:policy", "--as", "nobody", "--in", service.folder]
    #expect(try sperrwerk(ask).status == 0)
    #expect(try sperrwerk(ask + ["--chroot"]).status == 0)
    let gone = try sperrwerk(["ask-policy-service", "unix:none", "--as", "nobody", "--in", "/"])
    #expect(gone.status == 1 && gone.errors.contains("unix:none cannot be opened as user nobody"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: service.folder + "/policy")
    #expect(try sperrwerk(ask).status == 1)
    let wrong = ["ask-policy-service", "unix:operators", "--as", "root", "--in", service.folder]
    #expect(try sperrwerk(wrong).errors.contains("gives no answer of a policy service"))
    let unknown = ["ask-policy-service", "unix:policy", "--as", "nosuch", "--in", "/"]
    #expect(try sperrwerk(unknown).errors.contains("there is no user nosuch"))
    #expect(service.end() == 0)
  }

  @Test(
    .enabled(if: getuid() == 0, "only root can become Postfix's user"),
    .enabled(
      if: (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains(" lo\n")
        == true, "skipped: no IPv6 here"),
    arguments: [("127.0.0.1", "localhost"), ("[::1]", "[::1]"), ("[::1]", "localhost")])
  func `asks a policy service on a port, in both families`(host: String, named: String) throws {
    let port = 20_000 + getpid() % 10_000
    let service = try Guarded(dryRun: true)
    try service.start(environment: ["SPERRWERK_POLICY_SERVICE_ADDRESS": "\(host):\(port)"])
    try service.waitUntilReady()
    let ask = ["ask-policy-service", "inet:\(named):\(port)", "--as", "nobody", "--in", "/"]
    let answer = try sperrwerk(ask)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(service.end() == 0)
    #expect(try sperrwerk(ask).status == 1)
  }
}
