import Actions

/// Dovecot's own submission service, where it is used, hands its mail to a service of Postfix that asks us: only
/// there its logins are stopped. And its sessions can be ended.
struct DovecotExamination: Examination {
  static let area = Finding.Area.dovecot
  let settings: LiveSettings
  private let postfix: Postfix

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(settings)
  }

  func findings() async -> [Finding] {
    let isSet = settings.path("dovecot.doveadm") != nil
    guard postfix.isThere, isSet || InitCommand.exists(doveconf) else { return [] }
    return [await sessions()] + (await submission())
  }

  // MARK: Sessions

  private func sessions() async -> Finding {
    guard let doveadm = settings.path("dovecot.doveadm") else {
      return note(
        "Dovecot is installed, and dovecot.doveadm is not set: sessions that are open under a stolen password stay open",
        "dovecot.doveadm: /usr/bin/doveadm")
    }
    // Nobody's: an account that is not there has no session.
    let outcome = await DovecotSessions(doveadm: doveadm, privileges: settings.list("privileges"))
      .end("nobody@doctor.example")
    return finding(
      outcome.fault == nil, "open sessions can be ended (doveadm kick)",
      "\(outcome.text); see that Dovecot runs; only root may run doveadm: see 'privileges' in the settings"
    )
  }

  // MARK: Its submission service

  private func submission() async -> [Finding] {
    guard await value("protocols").split(separator: " ").contains("submission") else { return [] }
    // Installed and not told whom to hand mail to, it answers 451 to everybody.
    let host = await value("submission_relay_host")
    if host.isEmpty { return [] }
    return [await relay(host: host, port: await value("submission_relay_port"))]
  }

  /// Beside doveadm, else where packages put it.
  private var doveconf: String {
    let doveadm = settings.path("dovecot.doveadm") ?? "/usr/bin/doveadm"
    let folder = doveadm.lastIndex(of: "/").map { doveadm[...$0] } ?? ""
    return folder + "doveconf"
  }

  private func value(_ name: String) async -> String {
    let result = try? await Program(doveconf).run(["-h", name])
    return result?.output.split(separator: "\n").first.map(String.init) ?? ""
  }

  private func relay(host: String, port: String) async -> Finding {
    let place = "Dovecot's submission service hands its mail to \(host):\(port)"
    guard host == "localhost" || host.hasPrefix("127.") || host == "::1" else {
      return note("\(place): whether that host asks us cannot be seen from here")
    }
    var isAsked = false
    for service in await postfix.smtpdServices()
    where Self.port(of: service.name) == Self.port(of: port) {
      let list = await postfix.restrictions("smtpd_sender_restrictions", of: service)
      isAsked = list.policyService(OwnPolicyService(settings).isMeant)?.isInTime == true
    }
    return finding(
      isAsked, "\(place), which asks us",
      "that service of master.cf needs smtpd_sender_restrictions as submission has them, "
        + "and smtpd_tls_auth_only=no, so that Postfix learns the login")
  }

  /// `submission/inet`, `127.0.0.1:10587/inet` or `587` as a number.
  static func port(of service: String) -> String {
    let name = service.split(separator: "/").first.map(String.init) ?? ""
    let last = name.split(separator: ":").last.map(String.init) ?? ""
    return ["smtp": "25", "submission": "587", "submissions": "465", "smtps": "465"][last] ?? last
  }
}
