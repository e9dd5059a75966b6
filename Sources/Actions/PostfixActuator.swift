package import Events

/// Stops and opens sending on a real Postfix, with or without Dovecot beside it.
package struct PostfixActuator: Actuator {
  private let table: PostfixTable
  private let sites: SiteTable
  private let doveadm: Program?

  /// - Parameter privileges: what stands before doveadm, which ends sessions only as root.
  package init(
    table: PostfixTable, sites: SiteTable, doveadm: String?, privileges: [String] = []
  ) {
    self.table = table
    self.sites = sites
    self.doveadm = doveadm.map { Program($0, through: privileges) }
  }

  package func begin(_ standing: Standing) async throws(ActionError) {
    try await table.rebuild(standing)
    try sites.rebuild(standing)
  }

  package func carryOut(_ order: Order, _ standing: Standing) async throws(ActionError) -> String {
    if let uid = Standing.uid(order.subject) { return try sites.apply(uid, standing) }
    let seen = try await table.apply(order.subject, standing)
    // The thief reads mail by IMAP too, and a cached password lives on.
    if order.kind == .suspend { await endSessions(order.subject) }
    return seen
  }

  private func endSessions(_ login: String) async {
    guard let doveadm, RootOrder.isLogin(login) else { return }
    // Nobody logged in is no fault, and a Dovecot that is away keeps no mail from being stopped.
    _ = try? await doveadm.run(["auth", "cache", "flush", login])
    _ = try? await doveadm.run(["kick", login])
  }
}

/// The dry run's: what would be done is said and nothing is touched.
package struct Recorder: Actuator {
  package init() {}
  package func begin(_ standing: Standing) async throws(ActionError) {}
  package func carryOut(_ order: Order, _ standing: Standing) async throws(ActionError) -> String {
    "dry run: would \(order.kind.rawValue)"
  }
}
