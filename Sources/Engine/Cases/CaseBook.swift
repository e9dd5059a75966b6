import Events

/// The cases that are known, open and over, by number from 1. What is forgotten leaves a gap: no number is given twice.
package struct CaseBook: Sendable {
  /// In the order of their numbers.
  package private(set) var cases: [Case] = []
  /// The highest number that was given.
  package private(set) var last = 0
  var timers = Timers()
  private var incidents = 0

  package init() {}

  /// Traps where the case is not known.
  package subscript(number: Int) -> Case {
    _read { yield cases[place(number)] }
    _modify { yield &cases[place(number)] }
  }

  package func knows(_ number: Int) -> Bool {
    let place = place(number)
    return place < cases.count && cases[place].number == number
  }

  /// Where a case stands, or would stand.
  private func place(_ number: Int) -> Int {
    // While nothing is forgotten.
    if number > 0, number <= cases.count, cases[number - 1].number == number { return number - 1 }
    var (low, high) = (0, cases.count)
    while low < high {
      let middle = (low + high) / 2
      if cases[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func open(subject: Int32, name: String, policy: String, at now: Instant) -> Int {
    last += 1
    cases.append(Case(number: last, subject: subject, name: name, policy: policy, at: now))
    return last
  }

  /// Leaves out the numbers up to `number`: those cases are over, and no longer known.
  mutating func skip(to number: Int) { last = max(last, number) }

  mutating func forget(where isMeant: (Case) -> Bool) { cases.removeAll(where: isMeant) }

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
    try archive.keep(&last)
    try archive.keep(&incidents)
    try timers.keep(in: &archive)
  }
}
