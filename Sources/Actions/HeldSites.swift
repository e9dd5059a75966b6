package import Events

/// The lookup table of websites whose mail pickup's own cleanup service puts on hold, by uid.
///
/// Its `header_checks` take the uid out of the Received line that pickup itself writes and ask this table:
/// `pipemap:{ regexp:{ {/^Received: by [^ ]+ \([^ ]+, from userid ([0-9]+)\)/ $$1} }, lmdb:PATH }`. An entry takes
/// effect at the next mail, without a reload.
package struct HeldSites: Sendable {
  private let table: LookupTable
  private let postfix: PostfixSettings

  package var path: String { table.path }

  package init(path: String, postmap: String, postfix: PostfixSettings, configuration: String?) {
    table = LookupTable(path: path, postmap: postmap, configuration: configuration)
    self.postfix = postfix
  }

  /// Whether pickup's mail passes a cleanup service that asks the table.
  package var isInstalled: Bool {
    get async throws(ActionError) {
      let name =
        if let own = try await postfix.own("cleanup_service_name", of: "pickup/unix") { own } else {
          try await postfix.setting("cleanup_service_name")
        }
      let checks =
        if let own = try await postfix.own("header_checks", of: "\(name)/unix") { own } else {
          try await postfix.setting("header_checks")
        }
      return checks.contains("lmdb:\(path)")
    }
  }

  package func apply(_ uid: Int32, _ standing: Standing) async throws(ActionError) -> String {
    guard let seen = try await table.put("\(uid)", of: entries(standing)) else {
      return "no entry in \(path)"
    }
    return "'\(seen)' read back from \(path)"
  }

  package func rebuild(_ standing: Standing) async throws(ActionError) {
    try await table.rebuild(entries(standing))
  }

  package func mend(_ standing: Standing) async throws(ActionError) -> String? {
    try await table.mend(entries(standing))
  }

  /// Also those that are suspended: what they have handed over before, and pickup has not taken yet, stays.
  private func entries(_ standing: Standing) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: standing.sites.keys.map {
        ("\($0)", "HOLD sending is \(Standing.heldReason)")
      })
  }
}
