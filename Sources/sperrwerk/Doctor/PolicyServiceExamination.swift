import Actions
import Glibc

/// The policy service answers Postfix: it is asked as Postfix's own user, from within its chroot.
struct PolicyServiceExamination: Examination {
  static let area = Finding.Area.policyService
  let settings: LiveSettings
  private let postfix: Postfix

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(settings)
  }

  /// How main.cf and master.cf may name our service.
  static func addresses(_ settings: LiveSettings) -> [String] {
    let address = settings.path("policy_service.address").map { "inet:\($0)" }
    return [socketName(settings), address].compactMap { $0 }
  }

  /// As it stands below the queue folder: `sperrwerk/policy`. Others too call theirs `policy`.
  static func socketName(_ settings: LiveSettings) -> String? {
    settings.path("policy_service.socket").map {
      $0.split(separator: "/").suffix(2).joined(separator: "/")
    }
  }

  /// What main.cf or master.cf must ask.
  static func question(_ settings: LiveSettings) -> String {
    let place = socketName(settings).map { "unix:\($0)" } ?? addresses(settings).first ?? ""
    return "check_policy_service { \(place), timeout=5s, default_action=DUNNO }"
  }

  func findings() async -> [Finding] {
    guard postfix.isThere else { return [] }
    guard LocalSocket.isOpen(settings["operators.socket"]) else {
      return [
        note(
          "whether Postfix reaches the policy service is not known: the service does not run",
          "start it, and run doctor again")
      ]
    }
    guard geteuid() == 0 else {
      return [
        note(
          "whether Postfix reaches the policy service is not known", "run doctor as root")
      ]
    }
    var findings: [Finding] = []
    for service in await postfix.submissionServices() {
      let list = RestrictionList(
        await postfix.setting("smtpd_sender_restrictions", of: service))
      guard let found = list.policyService(like: Self.addresses(settings)) else { continue }
      findings.append(await ask(found.address, service))
    }
    return findings
  }

  private func ask(_ address: String, _ service: Postfix.Smtpd) async -> Finding {
    let what = "\(service.name): Postfix reaches the policy service at \(address)"
    let queue = await postfix.setting("queue_directory") ?? "/var/spool/postfix"
    let user = await postfix.setting("mail_owner") ?? "postfix"
    var asker = Program("/proc/self/exe")
    asker.limit = .seconds(5)
    do {
      let result = try await asker.run(
        ["ask-policy-service", address, "--as", user, "--in", queue]
          + (service.isChrooted ? ["--chroot"] : []))
      let why = result.errors.split(separator: "\n").first.map { "\($0); " } ?? ""
      return finding(
        result.status == 0, what,
        why
          + "the socket must lie in Postfix's queue folder, and user \(user) must be able to reach it"
      )
    } catch {
      return finding(false, what, "\(error)")
    }
  }
}
