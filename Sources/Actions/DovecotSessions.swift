import Events

/// Sessions that are open under an old password, and what Dovecot remembers of it.
package struct DovecotSessions: Sendable {
  /// What can keep sessions open, as the operator is told of it.
  package enum Fault: String, Sendable {
    case unfitLogin = "naming a login to doveadm"
    case notRun = "running doveadm"
    case refused = "doveadm kick"
  }

  package struct Outcome: Equatable, Sendable {
    /// What was seen.
    package var text: String
    /// Sessions may go on.
    package var fault: Fault?
  }

  private let doveadm: Program

  /// - Parameter privileges: what stands before doveadm, which ends sessions only as root.
  package init(doveadm: String, privileges: [String] = []) {
    self.doveadm = Program(doveadm, through: privileges)
  }

  /// Nobody logged in is no fault, and a Dovecot that is away keeps no mail from being stopped.
  package func end(_ login: String) async -> Outcome {
    guard RootOrder.isLogin(login) else {
      return Outcome(text: "the login '\(login)' cannot be given to doveadm", fault: .unfitLogin)
    }
    do {
      // First the cache: a session that is ended comes back at once.
      _ = try await doveadm.run(["auth", "cache", "flush", login])
      return Self.outcome(try await doveadm.run(["kick", login]))
    } catch {
      return Outcome(text: "sessions were not ended: \(error)", fault: .notRun)
    }
  }

  /// 2.3 names the users and exits 68 where there is nobody; 2.4 says `1 connections kicked`.
  private static func outcome(_ result: Program.Result) -> Outcome {
    if result.status == 68 || result.output.hasPrefix("0 connections") {
      return Outcome(text: "no session was open")
    }
    guard result.status == 0 else {
      let why = result.errors.split(separator: "\n").first ?? "exit status \(result.status)"
      return Outcome(text: "sessions were not ended: \(why.prefix(200))", fault: .refused)
    }
    return Outcome(text: "open sessions were ended")
  }
}
