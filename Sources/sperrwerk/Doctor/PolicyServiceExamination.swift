import Actions
import Glibc

/// The policy service answers Postfix: it is asked as Postfix's own user, from within its chroot.
struct PolicyServiceExamination: Examination {
  static let area = Finding.Area.policyService
  let settings: LiveSettings
  private let postfix: Postfix
  private var own: OwnPolicyService { OwnPolicyService(settings) }

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(settings)
  }

  func findings() async -> [Finding] { text + (await reach()) }

  private var text: [Finding] {
    let text = settings["policy_service.text"]
    let shown = SMTPText.safe(text)
    return shown == text
      ? []
      : [
        note(
          "policy_service.text: customers see '\(shown)'",
          "SMTP has plain ASCII, at most 200 letters: write ue for ü")
      ]
  }

  private func reach() async -> [Finding] {
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
      let list = await postfix.restrictions("smtpd_sender_restrictions", of: service)
      guard let address = list.policyService(own.isMeant)?.question.argument else { continue }
      findings.append(await ask(address, service))
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
