package import Events

extension Engine {
  /// A suspended mailbox whose password must be renewed.
  package struct AwaitedRenewal: Sendable {
    package let account: String
    package let caseNumber: Int
    package let suspendedAt: Instant
  }

  package var awaitedRenewals: [AwaitedRenewal] {
    cases.cases.compactMap { found in
      guard found.isSuspended, let since = found.suspendedAt,
        !found.subjectName.hasPrefix("uid:")
      else { return nil }
      return AwaitedRenewal(
        account: found.subjectName, caseNumber: found.number, suspendedAt: since)
    }
  }
}
