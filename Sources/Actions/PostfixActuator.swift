package import Events

/// Stops and opens sending on a real Postfix, with or without Dovecot beside it.
package struct PostfixActuator: Actuator {
  private let table: PostfixTable
  private let sites: SiteTable
  private let sessions: DovecotSessions?
  private let onFault: @Sendable (DovecotSessions.Fault, String) -> Void

  /// - Parameters:
  ///   - privileges: what stands before doveadm, which ends sessions only as root.
  ///   - onFault: told, with what was seen, where sessions may go on: that undoes no order, and somebody must know.
  package init(
    table: PostfixTable, sites: SiteTable, doveadm: String?, privileges: [String] = [],
    onFault: @escaping @Sendable (DovecotSessions.Fault, String) -> Void = { _, _ in }
  ) {
    self.table = table
    self.sites = sites
    self.onFault = onFault
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
    let before = order.kind == .open ? await endSessions(of: order.subject) : nil
    let seen = try await table.apply(order.subject, standing)
    // The thief reads mail by IMAP too, and a cached password lives on.
    let after = order.kind == .suspend ? await endSessions(of: order.subject) : nil
    return [seen, before?.fault == nil ? nil : before?.text, after?.text].compactMap { $0 }
      .joined(separator: "; ")
  }

  private func endSessions(of login: String) async -> DovecotSessions.Outcome? {
    guard let outcome = await sessions?.end(login) else { return nil }
    if let fault = outcome.fault { onFault(fault, "\(login): \(outcome.text)") }
    return outcome
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
