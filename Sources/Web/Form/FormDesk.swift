package import Events

/// Where the contact form gets its data: the service's loop, or a test's.
package struct FormDesk: Sendable {
  /// The incident of a token's case; nil where there is none any more, or the token opens nothing by now.
  package var look: @Sendable (FormToken) async throws(WebError) -> IncidentReport?
  /// Notes that the customer says the passwords are renewed, for all cases of the incident.
  package var report: @Sendable (FormToken) async throws(WebError) -> Void

  package init(
    look: @escaping @Sendable (FormToken) async throws(WebError) -> IncidentReport?,
    report: @escaping @Sendable (FormToken) async throws(WebError) -> Void
  ) {
    (self.look, self.report) = (look, report)
  }
}
