import Foundation
import Testing

@testable import sperrwerk

/// What the doctor makes of a Postfix whose service `submission` has these lists.
@Suite struct `The doctor's look at Postfix` {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// OURS is the question to the policy service, TABLE the one to the table.
    var sender = "OURS, TABLE"
    var end = "OURS"
    /// Further lines of main.cf, and options of the service.
    var main = ""
    var options = ""
    /// All that is not well, without the service's name.
    var says: [String]
  }

  private static let ours =
    "check_policy_service { unix:sperrwerk/policy, timeout=5s, default_action=DUNNO }"
  private static let open =
    "note while this service is away mail passes (fails open); the table goes on stopping"
  private static let closed =
    "note while this service is away mail is refused with 451 (fails closed)"
  private static let noTable = "fault asks the table before any permit"
  private static let noPolicy = "fault asks the policy service before any permit"
  private static let once = "fault tries more than once to reach the policy service (try_limit)"

  static let cases = [
    Case(testDescription: "as README has it", says: [open]),
    Case(
      testDescription: "a warning refuses nobody", sender: "warn_if_reject OURS, TABLE",
      says: [noPolicy, open]),
    Case(
      testDescription: "a warning is for the next alone",
      sender: "WARN_IF_REJECT reject_unknown_sender_domain OURS TABLE", says: [open]),
    Case(
      testDescription: "a warning of the table", sender: "OURS, warn_if_reject, TABLE",
      says: [noTable, open]),
    Case(
      testDescription: "one try, in the braces",
      sender:
        "check_policy_service { unix:sperrwerk/policy, default_action=DUNNO, try_limit=1 }, TABLE",
      says: [once, open]),
    Case(
      testDescription: "one try, of the service",
      options: "-o smtpd_policy_service_try_limit=1", says: [once, open]),
    Case(
      testDescription: "one try, in main.cf", main: "smtpd_policy_service_try_limit = 1",
      says: [open, "fault smtpd_policy_service_try_limit is 1"]),
    Case(
      testDescription: "the table asked by the sender",
      sender: "OURS, check_sender_access lmdb:/t/table", says: [noTable, open]),
    Case(
      testDescription: "the table in braces",
      sender: "OURS, check_sasl_access { lmdb:/t/table }",
      says: [open]),
    Case(
      testDescription: "a permit in front", sender: "permit_sasl_authenticated, OURS, TABLE",
      says: [noTable, noPolicy, open]),
    Case(
      testDescription: "a permit that is a table's argument",
      sender: "check_recipient_access inline:{x=permit}, OURS, TABLE",
      says: ["note check_recipient_access inline:{x=permit} stands before ours", open]),
    Case(
      testDescription: "a table that may say OK",
      sender: "check_client_access cidr:/t/own, OURS, TABLE",
      says: ["note check_client_access cidr:/t/own stands before ours", open]),
    Case(
      testDescription: "another policy service in front that fails open, and ours does not",
      sender: "check_policy_service { unix:private/other, default_action=DUNNO }, "
        + "check_policy_service unix:sperrwerk/policy, TABLE",
      says: ["note check_policy_service unix:private/other stands before ours", closed]),
    Case(
      testDescription: "the end of data alone fails closed",
      end: "check_policy_service unix:sperrwerk/policy", says: [closed]),
    Case(
      testDescription: "fails open by the service's own default",
      sender: "check_policy_service unix:sperrwerk/policy, TABLE",
      end: "check_policy_service unix:sperrwerk/policy",
      options: "-o smtpd_policy_service_default_action=DUNNO", says: [open]),
    Case(
      testDescription: "braces within braces",
      end: "check_policy_service { unix:sperrwerk/policy, { default_action = DUNNO } }",
      says: [open]),
    Case(
      testDescription: "a restriction class", sender: "mine",
      main: "smtpd_restriction_classes = mine\nmine = OURS, TABLE", says: [open]),
    Case(
      testDescription: "a restriction class that permits", sender: "mine, OURS, TABLE",
      main: "smtpd_restriction_classes = mine\nmine = reject_unlisted_sender, permit",
      says: [noTable, noPolicy, open]),
    Case(
      testDescription: "a restriction class that only warns", sender: "warn_if_reject mine",
      main: "smtpd_restriction_classes = mine\nmine = OURS, TABLE",
      says: [noTable, noPolicy, open]),
    Case(
      testDescription: "by address",
      sender: "check_policy_service { inet:localhost:10031, default_action=DUNNO }, TABLE",
      end: "check_policy_service { inet:[127.0.0.1]:10031, default_action=DUNNO }", says: [open]),
    Case(
      testDescription: "by another's address",
      sender: "check_policy_service { inet:localhost:10040, default_action=DUNNO }, TABLE",
      end: "check_policy_service { inet:192.0.2.1:10031, default_action=DUNNO }",
      says: [
        noPolicy, "fault asks again at the end of data",
        "note check_policy_service inet:localhost:10040 stands before ours",
      ]),
    Case(
      testDescription: "by a socket whose name ends alike",
      sender: "check_policy_service { unix:other-sperrwerk/policy, default_action=DUNNO }, TABLE",
      says: [
        noPolicy, "note check_policy_service unix:other-sperrwerk/policy stands before ours", open,
      ]),
    Case(
      testDescription: "passwords taken, whatever the case",
      options: "-o smtpd_sasl_auth_enable=YES", says: [open]),
    Case(
      testDescription: "websites behind everybody",
      main: "authorized_submit_users = static:all, !/t/sites",
      says: [open, "fault websites can be stopped (authorized_submit_users)"]),
    Case(
      testDescription: "websites in another list",
      main: "authorized_submit_users = !/t/sites_held, static:all",
      says: [open, "fault websites can be stopped (authorized_submit_users)"]),
    Case(
      testDescription: "a website that is never stopped",
      main: "authorized_submit_users = web1 !/t/sites static:all",
      says: [
        open, "note web1 of authorized_submit_users stands before ours, and is never stopped",
      ]),
  ]

  private static let hasPostfix = FileManager.default.fileExists(atPath: "/usr/sbin/postconf")

  @Test(.enabled(if: hasPostfix, "Postfix is not installed here"), arguments: cases)
  func `sees whether each can stop a login`(one: Case) async throws {
    let folder = try Self.postfix(
      main: """
        mua_sender = \(one.sender)
        mua_end = \(one.end)
        authorized_submit_users = !/t/sites, static:all
        \(one.main)
        """,
      master: """
        submission inet n - y - - smtpd
          -o smtpd_sender_restrictions=$mua_sender
          -o smtpd_end_of_data_restrictions=$mua_end
          -o smtpd_sasl_auth_enable=yes
          \(one.options)
        """)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let found = await PostfixExamination(try Self.settings(folder)).findings()
    let says = found.filter { $0.state != .well }
      .map { "\($0.state.rawValue) \($0.what.replacing("submission/inet: ", with: ""))" }
    #expect(says == one.says)
    #expect(found.contains { $0.what == "services that take mail with a password: 1" })
  }

  @Test(.enabled(if: hasPostfix, "Postfix is not installed here"))
  func `sees who is behind postscreen`() async throws {
    let folder = try Self.postfix(
      main: "mynetworks = 127.0.0.0/8",
      master: """
        smtp inet n - y - 1 postscreen
        smtpd pass - - y - - smtpd
        """)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let found = await WebsiteExamination(try Self.settings(folder)).findings()
    let what = "smtpd/pass: a website that speaks SMTP to 127.0.0.1 is traced to its uid"
    #expect(found.contains { $0.what == what && $0.state == .fault })
  }

  /// - Returns: a configuration folder that is old enough: postconf waits until it is.
  private static func postfix(main: String, master: String) throws -> String {
    let folder = "/tmp/sw-pf-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let main =
      "compatibility_level = 3.6\n"
      + main.replacing("OURS", with: ours)
      .replacing("TABLE", with: "check_sasl_access lmdb:/t/table")
    for (name, text) in [("main.cf", main), ("master.cf", master)] {
      try (text + "\n").write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: "\(folder)/\(name)")
    }
    return folder
  }

  private static func settings(_ folder: String) throws -> LiveSettings {
    try LiveSettings(
      """
      sites: /t/websites.csv
      postfix:
        config: \(folder)
        table: /t/table
        sites: /t/sites
      policy_service:
        address: 127.0.0.1:10031

      """, file: "s.yaml")
  }
}
