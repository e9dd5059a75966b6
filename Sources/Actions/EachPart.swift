import Events

/// Parts that are each done, whatever became of the others: one table that fails must not keep another open.
struct EachPart {
  private var fault: ActionError?

  mutating func run<Value>(_ part: () async throws(ActionError) -> Value) async -> Value? {
    do { return try await part() } catch {
      fault = fault ?? error
      return nil
    }
  }

  /// - Throws: the first fault of all parts.
  func end() throws(ActionError) {
    if let fault { throw fault }
  }
}
