import Actions

/// Every service that takes mail with a password asks us before it lets mail pass.
struct PostfixExamination: Examination {
  static let area = Finding.Area.postfix
  let settings: LiveSettings
  private let postfix: Postfix

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(settings)
  }

  func findings() async -> [Finding] {
    guard postfix.isThere else {
      return [finding(false, "Postfix is installed here", "this version acts on Postfix only")]
    }
    let services = await postfix.submissionServices()
    var findings = [
      finding(
        !services.isEmpty, "services that take mail with a password: \(services.count)",
        "no smtpd service in master.cf has smtpd_sasl_auth_enable=yes: nobody could be stopped")
    ]
    for service in services { findings += await look(at: service) }
    let tries = await postfix.setting("smtpd_policy_service_try_limit") ?? "2"
    findings.append(
      finding(
        tries != "1", "smtpd_policy_service_try_limit is \(tries)",
        "remove it from main.cf: with 1 an smtpd that has lost us once never asks again"))
    let users = await postfix.setting("authorized_submit_users") ?? ""
    findings.append(
      finding(
        SubmitUsers(users).refuses(settings["postfix.sites"]),
        "websites can be stopped (authorized_submit_users)",
        "main.cf: authorized_submit_users = !\(settings["postfix.sites"]), static:all"))
    return findings
  }

  /// What stands before our two questions may let mail pass that they should stop.
  private func look(at service: Postfix.Smtpd) async -> [Finding] {
    let sender = RestrictionList(await postfix.setting("smtpd_sender_restrictions", of: service))
    let end = RestrictionList(
      await postfix.setting("smtpd_end_of_data_restrictions", of: service))
    let table = "lmdb:\(settings["postfix.table"])"
    let ours = PolicyServiceExamination.addresses(settings)
    let question = PolicyServiceExamination.question(settings)
    return [
      finding(
        sender.asks(table: table), "\(service.name): asks the table before any permit",
        "smtpd_sender_restrictions = check_policy_service { … }, check_sasl_access \(table), … first in the list"
      ),
      finding(
        sender.policyService(like: ours)?.isInTime == true,
        "\(service.name): asks the policy service before any permit",
        "smtpd_sender_restrictions = \(question), … first in the list"),
      finding(
        end.policyService(like: ours)?.isInTime == true,
        "\(service.name): asks again at the end of data",
        "smtpd_end_of_data_restrictions = \(question)"),
      note(
        sender.failsOpen
          ? "\(service.name): while this service is away mail passes (fails open); the table goes on stopping"
          : "\(service.name): while this service is away mail is refused with 451 (fails closed)"),
    ]
  }
}
