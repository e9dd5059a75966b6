import Events
import Testing

@testable import sperrwerk

@Suite struct `The settings` {
  @Test func `come from the environment, else the file, else have their defaults`() throws {
    let settings = try LiveSettings(
      "brakes:\n  least: 5\n  suspensions: 7\nlogs: [a.log]\n", file: "s.yaml",
      environment: [
        "SPERRWERK_BRAKES_LEAST": "9", "SPERRWERK_LOGS": "b.log, c.log", "HOME": "/root",
      ])
    #expect(settings.number("brakes.least") == 9)
    #expect(settings.number("brakes.suspensions") == 7)
    #expect(settings.list("logs") == ["b.log", "c.log"])
    #expect(settings.flag("dry_run") && settings.span("keep") == TimeSpan(seconds: 30 * 86_400))
  }

  @Test(arguments: [
    ("SPERRWERK_BRAKES_LEST", "1", "no setting 'SPERRWERK_BRAKES_LEST'; did you mean"),
    ("SPERRWERK_KEEP", "s3cret", "environment: SPERRWERK_KEEP: keep must be a duration"),
    ("SPERRWERK_DRY_RUN", "", "SPERRWERK_DRY_RUN: dry_run must be true or false"),
  ])
  func `from the environment are checked, and their values not told`(
    name: String, value: String, says: String
  ) throws {
    let fault = #expect(throws: LiveSettings.Fault.self) {
      try LiveSettings("", file: "s.yaml", environment: [name: value])
    }
    #expect(fault?.description.contains(says) == true, "\(fault.map { "\($0)" } ?? "")")
    #expect(fault?.description.contains("s3cret") == false)
  }

  @Test(
    arguments: [
      ("https://ops.example/x", "0123456789abcdef", nil, false),
      ("http://127.0.0.1:8080/x", "0123456789abcdef", nil, false),
      ("http://[::1]/x", "0123456789abcdef", nil, false),
      ("http://ops.example/x", "0123456789abcdef", nil, true),
      ("https://ops.example/x", "", "alerts.secret: alerts.webhook needs a key of 16 bytes", false),
      ("https://ops.example/x", "0123456789abcde", "alerts.secret: alerts.webhook needs", false),
      ("ops.example", "0123456789abcdef", "alerts.webhook: is no address to post to", false),
      ("", "", nil, false),
    ] as [(String, String, String?, Bool)])
  func `of the webhook want a key, and no network that can be read`(
    address: String, secret: String, fault: String?, isOpen: Bool
  ) throws {
    let settings = try LiveSettings(
      "alerts:\n  webhook: '\(address)'\n", file: "s.yaml",
      environment: ["SPERRWERK_ALERTS_SECRET": secret])
    #expect(settings.webhookFault?.hasPrefix(fault ?? "") == (fault == nil ? nil : true))
    #expect(settings.webhookIsOpen == isOpen)
  }

  @Test func `of a webhook without a key end the service, and doctor says so`() throws {
    let service = try Guarded(dryRun: true, more: "alerts:\n  webhook: http://ops.example/x\n")
    let run = try service.command(["run"])
    #expect(run.status == 65 && run.errors.contains("alerts.secret: alerts.webhook needs a key"))
    let doctor = try service.command(["doctor"])
    #expect(doctor.output.contains("FAULT  not so: alerts are posted signed (alerts.webhook)"))
    #expect(doctor.output.contains("FAULT  not so: nobody on the way can read the alerts"))
  }

  @Test func `that may change are taken anew, the others are named`() throws {
    var settings = try LiveSettings("keep: 30d\nstate: /a\n", file: "s.yaml")
    let fresh = try LiveSettings("keep: 10d\nstate: /b\n", file: "s.yaml")
    let outcome = settings.adopt(fresh)
    #expect(outcome.changed == ["keep"] && outcome.afterRestart == ["state"])
    #expect(settings["keep"] == "10d" && settings["state"] == "/a")
  }

  @Test func `are all explained in the file that init writes, which says the same`() throws {
    let text = LiveSettings.template(["logs": "[/var/log/maillog]"])
    for key in SettingKey.all { #expect(text.contains("# \(key.meaning)"), "\(key.name)") }
    let settings = try LiveSettings(text, file: "s.yaml")
    #expect(settings.list("logs") == ["/var/log/maillog"])
    for key in SettingKey.all where key.name != "logs" && !key.isList {
      #expect(settings[key.name] == key.initial, "\(key.name)")
    }
    for key in SettingKey.all {
      #expect(key.takes(key.initialValues) || key.initial.isEmpty, "\(key.name)")
      #expect(key.meaning.hasSuffix(".") || key.meaning.hasSuffix("?"), "\(key.name)")
    }
  }
}
