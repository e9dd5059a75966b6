import Events

/// Sessions that are open under an old password, and what Dovecot remembers of it.
package struct DovecotSessions: Sendable {
  private let doveadm: Program

  /// - Parameter privileges: what stands before doveadm, which ends sessions only as root.
  package init(doveadm: String, privileges: [String] = []) {
    self.doveadm = Program(doveadm, through: privileges)
  }

  /// Nobody logged in is no fault, and a Dovecot that is away keeps no mail from being stopped.
  /// - Returns: what was seen.
  package func end(_ login: String) async -> String {
    guard RootOrder.isLogin(login) else {
      return "the login '\(login)' cannot be given to doveadm"
    }
    do {
      // First the cache: a session that is ended comes back at once.
      _ = try await doveadm.run(["auth", "cache", "flush", login])
      return Self.words(try await doveadm.run(["kick", login]))
    } catch {
      return "sessions were not ended: \(error)"
    }
  }

  /// 2.3 names the users and exits 68 where there is nobody; 2.4 says `1 connections kicked`.
  static func words(_ result: Program.Result) -> String {
    if result.status == 68 || result.output.hasPrefix("0 connections") {
      return "no session was open"
    }
    guard result.status == 0 else {
      let why = result.errors.split(separator: "\n").first ?? "exit status \(result.status)"
      return "sessions were not ended: \(why.prefix(200))"
    }
    return "open sessions were ended"
  }
}
