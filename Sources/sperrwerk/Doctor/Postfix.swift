import Actions

/// What Postfix says of its own configuration.
struct Postfix {
  /// A line of master.cf that runs smtpd, with the parameters that it sets itself.
  struct Smtpd {
    /// As `postconf -P` names it: `submission/inet`.
    var name: String
    var isChrooted: Bool
    var parameters: [String: String]
  }

  private let postconf: String
  private let options: [String]

  init(postconf: String, folder: String? = nil) {
    (self.postconf, options) = (postconf, PostfixInstance.options(folder))
  }

  init(_ settings: LiveSettings) {
    self.init(postconf: settings["postfix.postconf"], folder: settings.path("postfix.config"))
  }

  var isThere: Bool { InitCommand.exists(postconf) }

  func setting(_ name: String) async -> String? {
    guard isThere,
      let result = try? await Program(postconf).run(options + ["-xh", name]),
      result.status == 0
    else { return nil }
    return result.output.split(separator: "\n").first.map(String.init)
  }

  /// A setting as a service of master.cf has it.
  func setting(_ name: String, of service: Smtpd) async -> String {
    if let own = service.parameters[name] { return own }
    return await setting(name) ?? ""
  }

  /// All that main.cf and master.cf set, `$names` resolved.
  func everything() async -> String {
    var text = ""
    for option in ["-nx", "-Px"] {
      text += (try? await Program(postconf).run(options + [option]))?.output ?? ""
    }
    return text
  }

  /// The kinds of tables that it knows.
  func tableKinds() async -> [String] {
    let result = try? await Program(postconf).run(options + ["-m"])
    return result?.output.split(separator: "\n").map(String.init) ?? []
  }

  /// The smtpd services of master.cf that take mail with a password.
  func submissionServices() async -> [Smtpd] {
    var found: [Smtpd] = []
    for service in await smtpdServices() where await takesPasswords(service) {
      found.append(service)
    }
    return found
  }

  func takesPasswords(_ service: Smtpd) async -> Bool {
    // Source: get_mail_conf_bool, which takes it in any case.
    await setting("smtpd_sasl_auth_enable", of: service).lowercased() == "yes"
  }

  /// A list of restrictions as a service has it, with what its restriction classes hold.
  func restrictions(_ name: String, of service: Smtpd) async -> RestrictionList {
    let text = await setting(name, of: service)
    var classes: [String: String] = [:]
    for name in Words.of(await setting("smtpd_restriction_classes", of: service)) {
      classes[name] = await setting(name, of: service)
    }
    return RestrictionList(text, classes: classes)
  }

  func smtpdServices() async -> [Smtpd] {
    guard let master = try? await Program(postconf).run(options + ["-M"]),
      let own = try? await Program(postconf).run(options + ["-Px"])
    else { return [] }
    // Source: master(5); without a word of its own a service is chrooted in versions before 3 only.
    let isChrootedByDefault = await setting("compatibility_level") == "0"
    return master.output.split(separator: "\n").compactMap { line -> Smtpd? in
      let words = line.split(separator: " ")
      guard words.count > 7, words[7] == "smtpd" else { return nil }
      let name = "\(words[0])/\(words[1])"
      return Smtpd(
        name: name,
        isChrooted: words[4] == "y" || (words[4] == "-" && isChrootedByDefault),
        parameters: Self.parameters(of: name, own.output))
    }
  }

  private static func parameters(of service: String, _ lines: String) -> [String: String] {
    var parameters: [String: String] = [:]
    for line in lines.split(separator: "\n") where line.hasPrefix(service + "/") {
      let rest = line.dropFirst(service.count + 1)
      guard let equals = rest.firstIndex(of: "=") else { continue }
      parameters[rest[..<equals].filter { $0 != " " }] =
        String(rest[rest.index(after: equals)...].drop { $0 == " " })
    }
    return parameters
  }
}
