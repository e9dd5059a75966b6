import Actions

/// The resolver answers: blocklists will be asked by it.
struct NameExamination: Examination {
  static let area = Finding.Area.dns
  /// Reserved for such uses, and there since 1995. Source: RFC 2606.
  private static let name = "example.net"
  init(_ settings: LiveSettings) {}

  func findings() async -> [Finding] {
    var resolver = Program("/usr/bin/getent")
    resolver.limit = .seconds(4)
    let remedy =
      "see /etc/resolv.conf; blocklists need a resolver of your own, such as unbound: "
      + "they refuse public ones"
    do {
      let result = try await resolver.run(["ahostsv4", Self.name])
      return [finding(result.status == 0, "the resolver knows \(Self.name)", remedy)]
    } catch {
      return [
        finding(false, "the resolver knows \(Self.name)", "it did not answer within 4 s: \(remedy)")
      ]
    }
  }
}
