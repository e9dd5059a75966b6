import Events

/// When the state is written as a whole: every half minute, or less often where that takes long, so that the loop
/// stands still for no more than a two-hundredth of the time.
struct SnapshotPace {
  static let least = TimeSpan(seconds: 30)

  private(set) var isWriting = false
  private var last = TimeSpan.zero
  private var interval = least

  func isDue(_ steady: TimeSpan) -> Bool {
    !isWriting && steady.microseconds - last.microseconds >= interval.microseconds
  }

  /// - Parameter took: how long the loop stood still.
  mutating func began(_ steady: TimeSpan, took: TimeSpan) {
    (isWriting, last) = (true, steady)
    interval = max(Self.least, TimeSpan(microseconds: took.microseconds * 200))
  }

  mutating func ended() { isWriting = false }
}

/// What became of a snapshot on its way to the disk.
struct SnapshotOutcome: Sendable {
  var inputs: Int
  var policies: Int
  var fault: String?
}
