import Testing

@testable import sperrwerk

@Suite struct `What init sees of a host` {
  private func look(
    _ files: [String], postconf: [String: String] = [:], doveconf: [String: String] = [:]
  ) async -> [String: String] {
    await HostLook(
      exists: { files.contains($0) }, postconf: { postconf[$0] }, doveconf: { doveconf[$0] }
    ).settings()
  }

  @Test func `is every log that its programs name, once, if it is there`() async {
    let found = await look(
      ["/var/log/mail.log", "/var/log/dovecot.log", "/var/log/postfix.log"],
      postconf: ["maillog_file": "/var/log/postfix.log"],
      doveconf: ["log_path": "/var/log/dovecot.log", "info_log_path": "/var/log/dovecot.log"])
    #expect(found["logs"] == "[/var/log/mail.log, /var/log/postfix.log, /var/log/dovecot.log]")
    let syslog = await look(["/var/log/mail.log"], doveconf: ["log_path": "syslog"])
    #expect(syslog["logs"] == "[/var/log/mail.log]" && syslog["journal"] == nil)
  }

  @Test func `is the journal where there is no mail log`() async {
    let found = await look(["/var/log/journal"])
    #expect(found["journal"] == "system" && found["logs"] == "[]")
  }

  @Test func `is where Postfix has its queue and programs`() async {
    let found = await look(
      ["/opt/postfix/sbin/postmap", "/opt/postfix/sbin/postsuper"],
      postconf: ["queue_directory": "/srv/queue", "command_directory": "/opt/postfix/sbin"])
    #expect(found["policy_service.socket"] == "/srv/queue/sperrwerk/policy")
    #expect(found["postfix.postmap"] == "/opt/postfix/sbin/postmap")
    #expect(found["postfix.postqueue"] == nil)
  }

  @Test func `is tables, places and Dovecot's program, and nothing that is the default`() async {
    let files = [
      "/etc/sperrwerk/accounts.csv", "/usr/share/GeoIP/GeoLite2-ASN.mmdb", "/usr/bin/doveadm",
    ]
    let found = await look(files, postconf: ["queue_directory": "/var/spool/postfix"])
    #expect(found["accounts"] == files[0] && found["asn"] == files[1])
    #expect(found["dovecot.doveadm"] == files[2] && found["sites"] == nil)
    #expect(found["policy_service.socket"] == nil && found["postfix.postmap"] == nil)
    let settings = try? LiveSettings(LiveSettings.template(found), file: "s.yaml")
    #expect(settings?["accounts"] == files[0] && settings?.flag("dry_run") == true)
  }
}
