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
    for key in SettingKey.all where key.name != "logs" && key.shape != .list {
      #expect(settings[key.name] == key.initial, "\(key.name)")
    }
    for key in SettingKey.all {
      #expect(key.takes(key.initialValues) || key.initial.isEmpty, "\(key.name)")
      #expect(key.meaning.hasSuffix(".") || key.meaning.hasSuffix("?"), "\(key.name)")
    }
  }
}
