package import Events

/// Where the staff's page gets its data and brings its orders: the service's loop, or a test's.
package struct StaffDesk: Sendable {
  /// - Throws: where the loop does not answer in time.
  package var ask:
    @Sendable (_ request: OperatorRequest, _ actor: String) async throws(WebError) -> OperatorReply

  package init(
    ask: @escaping @Sendable (OperatorRequest, String) async throws(WebError) -> OperatorReply
  ) {
    self.ask = ask
  }
}
