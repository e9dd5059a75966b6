package import Events

extension Engine {
  /// A mailbox whose password must be renewed before a case is over.
  package struct AwaitedRenewal: Sendable {
    package let account: String
    /// The case that asks for it: its own, else that of its incident.
    package let caseNumber: Int
    /// Changes up to then count for nothing.
    package let suspendedAt: Instant
  }

  /// The suspended mailboxes, and those that were not suspended but share the evidence of one that was.
  package var awaitedRenewals: [AwaitedRenewal] {
    let suspended = cases.cases.filter { $0.isSuspended && $0.suspendedAt != nil }
    func renewal(_ account: String, _ found: Case) -> AwaitedRenewal {
      AwaitedRenewal(
        account: account, caseNumber: found.number, suspendedAt: found.suspendedAt ?? now)
    }
    var renewals = suspended.filter { !subjects[$0.subject].isSite }.map {
      renewal($0.subjectName, $0)
    }
    var known = Set(renewals.map(\.account))
    for found in suspended {
      for account in found.sharing.sorted() where known.insert(account).inserted {
        renewals.append(renewal(account, found))
      }
    }
    return renewals
  }
}
