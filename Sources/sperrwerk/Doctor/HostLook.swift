import Actions

/// What `init` sees of this host: the mail system's own words, and the files that are there.
struct HostLook: Sendable {
  var exists: @Sendable (String) -> Bool = { InitCommand.exists($0) }
  /// What postconf(1) says of a parameter; nil where there is no Postfix.
  var postconf: @Sendable (String) async -> String? = {
    await Postfix(postconf: "/usr/sbin/postconf").setting($0)
  }
  /// What doveconf(1) says of a setting; nil where there is no Dovecot.
  var doveconf: @Sendable (String) async -> String? = { await Self.doveconf($0) }

  /// Those settings that differ from the defaults.
  func settings() async -> [String: String] {
    var found: [String: String] = [:]
    let logs = await logs()
    if !logs.isEmpty { found["logs"] = "[\(logs.joined(separator: ", "))]" }
    // Debian's syslog may be missing: then the journal alone has the mail's lines.
    if logs.isEmpty, ["/var/log/journal", "/run/log/journal"].contains(where: exists) {
      found["journal"] = "system"
      found["logs"] = "[]"
    }
    await lookAtPostfix(&found)
    if exists("/usr/bin/doveadm") { found["dovecot.doveadm"] = "/usr/bin/doveadm" }
    if let program = installedProgram { found["privileges"] = "[\(program), as-root]" }
    if ["/usr/sbin/nginx", "/usr/sbin/apache2"].contains(where: exists) {
      found["web.socket_group"] = "www-data"
    }
    for (key, path) in [
      ("accounts", "/etc/sperrwerk/accounts.csv"), ("sites", "/etc/sperrwerk/websites.csv"),
      ("geo", "/usr/share/GeoIP/GeoLite2-City.mmdb"), ("asn", "/usr/share/GeoIP/GeoLite2-ASN.mmdb"),
    ] where exists(path) { found[key] = path }
    return found
  }

  /// Where syslog, Postfix, Dovecot and Exim write, as far as those files are there.
  private func logs() async -> [String] {
    var logs = ["/var/log/mail.log", "/var/log/maillog", "/var/log/exim4/mainlog"]
    logs += [
      await postconf("maillog_file"), await doveconf("log_path"), await doveconf("info_log_path"),
    ].compactMap { $0 }
    var seen: [String] = []
    for log in logs where log.hasPrefix("/") && !seen.contains(log) && exists(log) {
      seen.append(log)
    }
    return seen
  }

  private func lookAtPostfix(_ found: inout [String: String]) async {
    if let queue = await postconf("queue_directory"), queue != "/var/spool/postfix" {
      found["policy_service.socket"] = "\(queue)/sperrwerk/policy"
    }
    guard let folder = await postconf("command_directory"), folder != "/usr/sbin" else { return }
    for name in ["postmap", "postsuper", "postqueue"] where exists("\(folder)/\(name)") {
      found["postfix.\(name)"] = "\(folder)/\(name)"
    }
  }

  /// This program where it stands beside the units that `make install` and the package bring: then it need not be root.
  private var installedProgram: String? {
    let units = ["/lib/systemd/system", "/usr/local/lib/systemd/system", "/etc/systemd/system"]
    guard units.contains(where: { exists("\($0)/sperrwerk-root.socket") }) else { return nil }
    return ["/usr/bin/sperrwerk", "/usr/local/bin/sperrwerk"].first(where: exists)
  }

  private static func doveconf(_ name: String) async -> String? {
    guard InitCommand.exists("/usr/bin/doveconf"),
      let result = try? await Program("/usr/bin/doveconf").run(["-h", name]), result.status == 0
    else { return nil }
    return result.output.split(separator: "\n").first.map(String.init)
  }
}
