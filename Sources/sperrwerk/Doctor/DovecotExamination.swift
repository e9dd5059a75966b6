import Actions

/// Dovecot's own submission service, where it is used, hands its mail to a service of Postfix that asks us: only
/// there its logins are stopped.
struct DovecotExamination: Examination {
  static let area = Finding.Area.dovecot
  let settings: LiveSettings
  private let postfix: Postfix

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(settings)
  }

  func findings() async -> [Finding] {
    guard postfix.isThere, let doveadm = settings.path("dovecot.doveadm"),
      let slash = doveadm.lastIndex(of: "/")
    else { return [] }
    let doveconf = Program(String(doveadm[...slash]) + "doveconf")
    func value(_ name: String) async -> String {
      let result = try? await doveconf.run(["-h", name])
      return result?.output.split(separator: "\n").first.map(String.init) ?? ""
    }
    guard await value("protocols").split(separator: " ").contains("submission") else { return [] }
    return [
      await relay(
        host: await value("submission_relay_host"), port: await value("submission_relay_port"))
    ]
  }

  private func relay(host: String, port: String) async -> Finding {
    let place = "Dovecot's submission service hands its mail to \(host):\(port)"
    guard host.isEmpty || host == "localhost" || host.hasPrefix("127.") || host == "::1" else {
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
