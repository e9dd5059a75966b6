import Events

/// Gives refusals at the same time after the question, whatever was looked at until then: how long it took
/// must not tell whether a token was nearly right.
package struct SteadyAnswer: Sendable {
  /// Far longer than looking takes.
  package let pace: Duration

  package init(pace: Duration = .milliseconds(150)) { self.pace = pace }

  /// - Parameter answer: nil is a refusal.
  package func callAsFunction<Answer: Sendable>(_ answer: () async throws -> Answer?) async throws
    -> Answer?
  {
    let start = ContinuousClock.now
    if let found = try await answer() { return found }
    // Where looking took longer than a pace, at the next one.
    var due = start + pace
    while due <= .now { due += pace }
    try await Task.sleep(until: due, clock: .continuous)
    return nil
  }
}
