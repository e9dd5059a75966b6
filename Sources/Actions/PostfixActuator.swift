package import Events

/// Stops and opens sending on a real Postfix, with or without Dovecot beside it.
package struct PostfixActuator: Actuator {
  private let table: PostfixTable
  private let sites: SiteTable
  private let sessions: DovecotSessions?

  /// - Parameter privileges: what stands before doveadm, which ends sessions only as root.
  package init(
    table: PostfixTable, sites: SiteTable, doveadm: String?, privileges: [String] = []
  ) {
    self.table = table
    self.sites = sites
    sessions = doveadm.map { DovecotSessions(doveadm: $0, privileges: privileges) }
  }

  package func begin(_ standing: Standing) async throws(ActionError) {
    var parts = EachPart()
    await parts.run { () async throws(ActionError) in try await table.rebuild(standing) }
    await parts.run { () async throws(ActionError) in try await sites.rebuild(standing) }
    try parts.end()
  }

  package func carryOut(_ order: Order, _ standing: Standing) async throws(ActionError) -> String {
    if let uid = Standing.uid(order.subject) { return try await sites.apply(uid, standing) }
    // A new password must be the only one before sending is open again.
    if order.kind == .open { _ = await sessions?.end(order.subject) }
    let seen = try await table.apply(order.subject, standing)
    // The thief reads mail by IMAP too, and a cached password lives on.
    guard order.kind == .suspend, let sessions else { return seen }
    return "\(seen); \(await sessions.end(order.subject))"
  }

  package func lookAgain(_ standing: Standing) async throws(ActionError) -> [String] {
    var parts = EachPart()
    let accounts = await parts.run { () async throws(ActionError) in
      try await table.mend(standing)
    }
    let websites = await parts.run { () async throws(ActionError) in
      try await sites.mend(standing)
    }
    try parts.end()
    return [accounts ?? nil].compactMap { $0 } + (websites ?? [])
  }
}

/// The dry run's: what would be done is said and nothing is touched.
package struct Recorder: Actuator {
  package init() {}
  package func begin(_ standing: Standing) async throws(ActionError) {}
  package func carryOut(_ order: Order, _ standing: Standing) async throws(ActionError) -> String {
    "dry run: would \(order.kind.rawValue)"
  }
  package func lookAgain(_ standing: Standing) async throws(ActionError) -> [String] { [] }
}
