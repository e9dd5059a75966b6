import Events

/// All cases, open and closed, by number from 1.
package struct CaseBook: Sendable {
  package private(set) var cases: [Case] = []
  var timers = Timers()
  private var incidents = 0

  package init() {}

  package subscript(number: Int) -> Case {
    _read { yield cases[number - 1] }
    _modify { yield &cases[number - 1] }
  }

  mutating func open(subject: Int32, name: String, policy: String, at now: Instant) -> Int {
    let number = cases.count + 1
    cases.append(Case(number: number, subject: subject, name: name, policy: policy, at: now))
    return number
  }

  /// Leaves out the numbers up to `number`: those cases are over, and no longer known.
  mutating func skip(to number: Int) {
    while cases.count < number {
      var gone = Case(
        number: cases.count + 1, subject: -1, name: "", policy: "", at: .distantPast)
      gone.state = .closed
      cases.append(gone)
    }
  }

  mutating func newIncident() -> Int {
    incidents += 1
    return incidents
  }

  /// Timers that the log's end has left.
  package var pendingTimers: Int { timers.all.count }
}

// MARK: Bytes

extension CaseBook {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    let blank = Case(number: 0, subject: -1, name: "", policy: "", at: .distantPast)
    try archive.keep(&cases, or: blank) { (one, archive) throws(SnapshotError) in
      try one.keep(in: &archive)
    }
    try archive.keep(&incidents)
    try timers.keep(in: &archive)
  }
}
