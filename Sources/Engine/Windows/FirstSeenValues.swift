/// Which values of a field a subject has had, to tell a new one: the last 512 of them.
struct FirstSeenValues: Equatable {
  static let limit = 512

  private struct Value: Equatable {
    var hash: UInt64
    var first, last: Int32
  }

  private var values: [Value] = []
  private(set) var since = Int32.max
  private(set) var events: Int32 = 0

  /// Remembers the value, and says whether it was new.
  mutating func add(_ hash: UInt64, bucket: Int32, keep: Int32) -> Bool {
    since = min(since, bucket)
    events = events &+ 1
    if let place = values.lastIndex(where: { $0.hash == hash }) {
      let new = values[place].last < bucket - keep
      if new { values[place].first = bucket }
      values[place].last = bucket
      return new
    }
    if values.count == Self.limit {
      let oldest = values.indices.min { values[$0].last < values[$1].last }!
      values.remove(at: oldest)
    }
    values.append(Value(hash: hash, first: bucket, last: bucket))
    return true
  }

  /// Enough history to call a value new: the subject has been known for `keep`'s warm-up.
  func isWarm(bucket: Int32, warmUp: Int32, least: Int32) -> Bool {
    since <= bucket - warmUp || events >= least
  }

  /// Forgets what the thief taught: values that first came at or after `bucket`.
  mutating func forget(since bucket: Int32) { values.removeAll { $0.first >= bucket } }

  var newest: Int32 { values.map(\.last).max() ?? .min }

  // MARK: Bytes

  func write(to bytes: inout SnapshotWriter) {
    bytes.append(Int64(since))
    bytes.append(Int64(events))
    bytes.append(count: values.count)
    for value in values {
      bytes.append(bits: value.hash)
      bytes.append(Int64(value.first))
      bytes.append(Int64(value.last))
    }
  }

  init() {}

  init(from bytes: inout SnapshotReader) throws(SnapshotError) {
    since = Int32(truncatingIfNeeded: try bytes.integer())
    events = Int32(truncatingIfNeeded: try bytes.integer())
    for _ in 0..<(try bytes.count()) {
      values.append(
        Value(
          hash: try bytes.bits(), first: Int32(truncatingIfNeeded: try bytes.integer()),
          last: Int32(truncatingIfNeeded: try bytes.integer())))
    }
  }
}
