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
    for service in await smtpdServices()
    where await setting("smtpd_sasl_auth_enable", of: service) == "yes" { found.append(service) }
    return found
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

/// A list of smtpd restrictions, as far as it concerns us.
struct RestrictionList {
  private let words: [String]

  init(_ text: String) {
    words = text.split(whereSeparator: { ", \t{}".contains($0) }).map(String.init)
  }

  /// The place of the first word that lets mail pass.
  private var permit: Int { words.firstIndex { $0.hasPrefix("permit") } ?? .max }

  /// Whether a table is asked before anything lets mail pass.
  func asks(table: String) -> Bool { (words.firstIndex(of: table) ?? .max) < permit }

  /// The first policy service whose address ends like this, and whether it is asked before anything lets mail pass.
  func policyService(like addresses: [String]) -> (address: String, isInTime: Bool)? {
    guard
      let place = words.firstIndex(where: { word in addresses.contains { word.hasSuffix($0) } })
    else { return nil }
    return (words[place], place < permit)
  }

  /// Whether mail passes while the policy service is away.
  var failsOpen: Bool {
    words.contains { $0.uppercased() == "DEFAULT_ACTION=DUNNO" }
      || zip(words, words.dropFirst()).contains { $0 == "=" && $1.uppercased() == "DUNNO" }
  }
}
