package import Events

/// What a run has counted, for the summary.
package struct EngineStatistics: Sendable {
  private var counts = [Int](repeating: 0, count: EventKind.allCases.count)
  package var messages = 0
  /// Results that counted for no account because everybody had the same trouble.
  package var discounted = 0
  package var decisions: [String: Int] = [:]
  package var failures: [String: String] = [:]
  package var peakQueue = 0

  mutating func count(_ kind: EventKind) { counts[Int(kind.rawValue)] += 1 }

  package func count(of kind: EventKind) -> Int { counts[Int(kind.rawValue)] }
}

/// How near a subject came to a policy's decision: the highest of its gates' readings.
package struct Nearness: Sendable {
  package var window = ""
  package var value = 0.0
  package var needed = 0.0
  package var time = Instant.distantPast
  package var calls = 0
}
