package import Events

/// What Postfix says of its own configuration, by `postconf`.
package struct PostfixSettings: Sendable {
  private let postconf: Program
  private let configuration: [String]

  package init(postconf: String = "/usr/sbin/postconf", configuration: String?) {
    self.postconf = Program(postconf)
    self.configuration = PostfixInstance.options(configuration)
  }

  /// A setting of main.cf with its `$names` resolved.
  package func setting(_ name: String) async throws(ActionError) -> String {
    try await ask(["-xh", name]).split(separator: "\n").first.map(String.init) ?? ""
  }

  /// `-o NAME=VALUE` of a service of master.cf, such as `pickup/unix`; nil where it has none of its own.
  package func own(_ name: String, of service: String) async throws(ActionError) -> String? {
    // postconf warns of a service that is not there, and prints nothing.
    let line = try await ask(["-Px", "\(service)/\(name)"]).split(separator: "\n").first ?? ""
    guard let equals = line.firstIndex(of: "=") else { return nil }
    return String(line[line.index(after: equals)...].drop { $0 == " " })
  }

  private func ask(_ arguments: [String]) async throws(ActionError) -> String {
    let result = try await postconf.run(configuration + arguments)
    guard result.status == 0 else {
      throw ActionError(
        place: "postconf", problem: String(result.errors.prefix(200)),
        remedy: "see that Postfix is installed, and correct 'postfix.config'")
    }
    return result.output
  }
}
