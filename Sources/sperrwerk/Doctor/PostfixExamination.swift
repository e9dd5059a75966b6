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
    let tries = await postfix.setting(PolicyQuestion.tryLimit) ?? "2"
    findings.append(
      finding(
        tries != "1", "\(PolicyQuestion.tryLimit) is \(tries)",
        "remove it from main.cf: \(Self.onlyOnce)"))
    return findings + websites(await postfix.setting("authorized_submit_users") ?? "")
  }

  private static let onlyOnce = "with 1 an smtpd that has lost us once never asks again"

  private func websites(_ setting: String) -> [Finding] {
    let file = settings["postfix.sites"]
    let users = SubmitUsers(setting)
    let excused = users.excused(from: file).joined(separator: ", ")
    return [
      finding(
        users.refuses(file), "websites can be stopped (authorized_submit_users)",
        "main.cf: authorized_submit_users = !\(file), static:all; the first entry that fits decides"
      )
    ]
      + (excused.isEmpty
        ? []
        : [note("\(excused) of authorized_submit_users stands before ours, and is never stopped")])
  }

  // MARK: One service

  /// What stands before our two questions may let mail pass that they should stop.
  private func look(at service: Postfix.Smtpd) async -> [Finding] {
    let sender = await postfix.restrictions("smtpd_sender_restrictions", of: service)
    let end = await postfix.restrictions("smtpd_end_of_data_restrictions", of: service)
    let table = "lmdb:\(settings["postfix.table"])"
    let own = OwnPolicyService(settings)
    let asked = [sender, end].map { $0.policyService(own.isMeant) }
    let doubts = [sender, end].flatMap { $0.doubtful(table: table, own.isMeant) }
    return [
      finding(
        sender.asks(table: table), "\(service.name): asks the table before any permit",
        "smtpd_sender_restrictions = check_policy_service { … }, check_sasl_access \(table), … first in the list"
      ),
      finding(
        asked[0]?.isInTime == true,
        "\(service.name): asks the policy service before any permit",
        "smtpd_sender_restrictions = \(own.question), … first in the list"),
      finding(
        asked[1]?.isInTime == true, "\(service.name): asks again at the end of data",
        "smtpd_end_of_data_restrictions = \(own.question)"),
    ] + doubts.map { doubt(service, $0) }
      + (await whileAway(service, asked.compactMap { $0?.question }))
  }

  private func doubt(_ service: Postfix.Smtpd, _ one: Restriction) -> Finding {
    note(
      "\(service.name): \(one.text) stands before ours",
      "where it says OK or permit, we are not asked: put it behind ours unless it only rejects")
  }

  /// How often each list tries to reach us, and what becomes of mail where it cannot.
  private func whileAway(_ service: Postfix.Smtpd, _ asked: [Restriction]) async -> [Finding] {
    let common = await postfix.setting(PolicyQuestion.tryLimit) ?? "2"
    var actions: [PolicyQuestion.WhileAway] = []
    var findings: [Finding] = []
    for restriction in asked {
      let question = PolicyQuestion(restriction, of: service, postfix)
      actions.append(await question.whileAway())
      let tries = await question.tries()
      // What main.cf says for all is said once.
      if tries == "1", common != "1", findings.isEmpty {
        findings.append(
          finding(
            false, "\(service.name): tries more than once to reach the policy service (try_limit)",
            "remove try_limit=1: \(Self.onlyOnce)"))
      }
    }
    return findings + (actions.isEmpty ? [] : [note("\(service.name): \(Self.text(actions))")])
  }

  /// One list that closes keeps mail back, whatever the other does.
  private static func text(_ actions: [PolicyQuestion.WhileAway]) -> String {
    for action in actions {
      if case .closed(let answer) = action {
        return "while this service is away mail is refused with \(answer) (fails closed)"
      }
    }
    return "while this service is away mail passes (fails open); the table goes on stopping"
  }
}

/// How a service of master.cf asks us.
struct PolicyQuestion {
  static let tryLimit = "smtpd_policy_service_try_limit"

  enum WhileAway: Equatable {
    case open
    /// What the client is told.
    case closed(String)
  }

  private let restriction: Restriction
  private let service: Postfix.Smtpd
  private let postfix: Postfix

  init(_ restriction: Restriction, of service: Postfix.Smtpd, _ postfix: Postfix) {
    (self.restriction, self.service, self.postfix) = (restriction, service, postfix)
  }

  func tries() async -> String { await value("try_limit", Self.tryLimit) }

  func whileAway() async -> WhileAway {
    Self.whileAway(await value("default_action", "smtpd_policy_service_default_action"))
  }

  /// - Parameter action: as an access table may have it.
  static func whileAway(_ action: String) -> WhileAway {
    let word = action.split(separator: " ").first?.uppercased() ?? "451"
    return ["DUNNO", "OK", "PERMIT"].contains(word) ? .open : .closed(word)
  }

  /// Its own in the braces, else the service's, else main.cf's.
  private func value(_ attribute: String, _ parameter: String) async -> String {
    if let own = restriction.attributes[attribute] { return own }
    return await postfix.setting(parameter, of: service)
  }
}
