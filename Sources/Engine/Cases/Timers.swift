import Events

/// What falls due later, in the order (due time, case number).
struct Timers {
  enum Purpose: UInt8 { case grace, probationOver }

  struct Timer: Equatable {
    var due: Instant
    var caseNumber: Int
    var purpose: Purpose
  }

  private var timers: [Timer] = []

  var all: [Timer] { timers }
  var next: Instant { timers.first?.due ?? .distantFuture }

  mutating func set(_ purpose: Purpose, of number: Int, due: Instant) {
    cancel(purpose, of: number)
    let timer = Timer(due: due, caseNumber: number, purpose: purpose)
    let place = timers.firstIndex {
      ($0.due, $0.caseNumber, $0.purpose.rawValue) > (due, number, purpose.rawValue)
    }
    timers.insert(timer, at: place ?? timers.count)
  }

  mutating func cancel(_ purpose: Purpose, of number: Int) {
    timers.removeAll { $0.caseNumber == number && $0.purpose == purpose }
  }

  /// The next timer that is due at or before `now`.
  mutating func pop(_ now: Instant) -> Timer? {
    guard let first = timers.first, first.due <= now else { return nil }
    timers.removeFirst()
    return first
  }
}

// MARK: Bytes

extension Timers {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&timers, or: Timer(due: .distantPast, caseNumber: 0, purpose: .grace)) {
      (timer, archive) throws(SnapshotError) in
      try archive.keep(&timer.due)
      try archive.keep(&timer.caseNumber)
      try archive.keep(&timer.purpose)
    }
  }
}
