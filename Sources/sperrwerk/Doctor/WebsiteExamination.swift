import Actions

/// Websites can be held, and those that speak SMTP to this machine are known by their uid.
struct WebsiteExamination: Examination {
  static let area = Finding.Area.websites
  let settings: LiveSettings
  private let postfix: Postfix

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(settings)
  }

  private var hasSites: Bool { settings.path("sites") != nil }

  func findings() async -> [Finding] {
    guard postfix.isThere else { return [] }
    var findings: [Finding] = []
    let held = settings.heldSites
    let canHold = (try? await held.isInstalled) == true
    if canHold || hasSites {
      findings.append(
        finding(
          canHold, "websites can be held (pickup's header_checks)", Self.holdRemedy(held.path)))
    } else {
      findings.append(note(Self.cannotHold))
    }
    for service in await postfix.smtpdServices() where Self.isPublic(service.name) {
      findings += await look(at: service)
    }
    return findings
  }

  static let cannotHold =
    "websites can be suspended, not held: where a policy gives grace they send until it is over"

  static func holdRemedy(_ path: String) -> String {
    """
    main.cf: pickup_header_checks = pipemap:{ regexp:{ {/^Received: by [^ ]+ \\([^ ]+, from userid ([0-9]+)\\)/ $$1} }, lmdb:\(path) }
    master.cf, below pickup: -o cleanup_service_name=pickup-cleanup
    master.cf: pickup-cleanup unix n - y - 0 cleanup, and below it -o header_checks=$pickup_header_checks
    """
  }

  /// A content filter's way back, on loopback only, has its mail from nobody but the filter. Behind postscreen(8)
  /// it is a service of the kind `pass`.
  private static func isPublic(_ name: String) -> Bool {
    !name.hasPrefix("127.") && !name.hasPrefix("localhost:") && !name.hasPrefix("[::1]")
      && (name.hasSuffix("/inet") || name.hasSuffix("/pass"))
  }

  /// Where this machine's own programs may send without a login.
  private func look(at service: Postfix.Smtpd) async -> [Finding] {
    guard await !postfix.takesPasswords(service),
      await postfix.setting("mynetworks", of: service).contains("127.")
    else { return [] }
    let list = await postfix.restrictions("smtpd_sender_restrictions", of: service)
    let own = OwnPolicyService(settings)
    let isAsked = list.policyService(own.isMeant)?.isInTime == true
    guard isAsked || hasSites else { return [] }
    return [
      finding(
        isAsked,
        "\(service.name): a website that speaks SMTP to 127.0.0.1 is traced to its uid",
        "smtpd_sender_restrictions and smtpd_end_of_data_restrictions = "
          + "\(own.question) first in the list")
    ]
  }
}
