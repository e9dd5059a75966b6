package import Events

/// Where the contact form gets its data: the service's loop, or a test's.
package struct FormDesk: Sendable {
  /// The incident of a case; nil where there is no such case any more.
  package var look: @Sendable (_ caseNumber: Int) async throws(WebError) -> IncidentReport?
  /// Notes that the customer says the passwords are renewed, for all cases of the incident.
  package var report: @Sendable (_ caseNumber: Int) async throws(WebError) -> Void

  package init(
    look: @escaping @Sendable (Int) async throws(WebError) -> IncidentReport?,
    report: @escaping @Sendable (Int) async throws(WebError) -> Void
  ) {
    (self.look, self.report) = (look, report)
  }
}
