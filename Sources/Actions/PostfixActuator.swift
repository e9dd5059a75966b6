package import Events

/// Stops and opens sending on a real Postfix, with or without Dovecot beside it.
package struct PostfixActuator: Actuator {
  private let table: PostfixTable
  private let sites: SiteTable
  private let sessions: DovecotSessions?
  private let hasPolicyService: Bool
  private let onFault: @Sendable (_ what: String, _ meaning: String, _ seen: String) -> Void

  /// - Parameters:
  ///   - privileges: what stands before doveadm, which ends sessions only as root.
  ///   - hasPolicyService: whether there is something beside the table that stops accounts.
  ///   - onFault: told of what undoes no order, and somebody must know: what fails, what follows, what was seen.
  package init(
    table: PostfixTable, sites: SiteTable, doveadm: String?, privileges: [String] = [],
    hasPolicyService: Bool = false,
    onFault: @escaping @Sendable (String, String, String) -> Void = { _, _, _ in }
  ) {
    self.table = table
    self.sites = sites
    self.hasPolicyService = hasPolicyService
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
    if let seen = unnameable(order.subject, standing) { return seen }
    return try await table.apply(order.subject, standing)
  }

  /// - Returns: what there is to say of a login that cannot stand in the table, where that keeps nothing from being
  ///   done; nil else.
  private func unnameable(_ login: String, _ standing: Standing) -> String? {
    if table.canName(login) { return nil }
    let seen = "such a login cannot stand in \(table.path)"
    if standing[login] == nil { return seen }
    guard hasPolicyService else { return nil }
    onFault(
      "keeping \(login) stopped while this service is away", "no table can name such a login", seen)
    return "\(seen): the policy service alone stops it"
  }

  /// The thief reads mail by IMAP too, and a cached password lives on; before sending is open again a new password
  /// must be the only one.
  package func endSessions(_ order: Order) async -> String? {
    guard order.kind == .open || order.kind == .suspend, Standing.uid(order.subject) == nil,
      let outcome = await sessions?.end(order.subject)
    else { return nil }
    if let fault = outcome.fault {
      onFault(
        fault.rawValue, "who was logged in before may stay so",
        "\(order.subject): \(outcome.text)")
    }
    return order.kind == .open && outcome.fault == nil ? nil : outcome.text
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
