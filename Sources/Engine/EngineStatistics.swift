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

// MARK: Bytes

extension EngineStatistics {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    var kinds = counts
    try archive.keep(&kinds)
    // Another version may know more kinds.
    for index in counts.indices where index < kinds.count { counts[index] = kinds[index] }
    try archive.keep(&messages)
    try archive.keep(&discounted)
    try archive.keep(&decisions, or: ("", 0)) { (name, count, archive) throws(SnapshotError) in
      try archive.keep(&name)
      try archive.keep(&count)
    }
    try archive.keep(&failures)
    try archive.keep(&peakQueue)
  }
}
