/// A sliding sum: one bucket per `resolution`, kept only where something happened.
///
/// An event leaves the sum when its whole bucket is older than `over`: between `over` and
/// `over + resolution` after it came.
struct Buckets: Equatable {
  /// Oldest first; `first` is the place of the oldest that still counts.
  private(set) var entries: [Entry] = []
  private var first = 0
  private(set) var total: Int64 = 0

  struct Entry: Equatable {
    var bucket: Int32
    var amount: Int32
  }

  var isEmpty: Bool { first == entries.count }
  var newest: Int32 { entries.last?.bucket ?? .min }

  /// - Parameters:
  ///   - bucket: the number of the bucket that the event falls into.
  ///   - keep: how many buckets before that one still count.
  @inline(__always) mutating func add(_ amount: Int32, bucket: Int32, keep: Int32) {
    expire(bucket: bucket, keep: keep)
    let last = entries.count - 1
    if last >= first, entries[last].bucket >= bucket {
      entries[last].amount = entries[last].amount.addingReportingOverflow(amount).partialValue
    } else {
      if first > 32, first * 2 > entries.count {
        entries.removeSubrange(0..<first)
        first = 0
      }
      entries.append(Entry(bucket: bucket, amount: amount))
    }
    total += Int64(amount)
  }

  /// Takes back an amount that `add` put into `bucket`, if that bucket still counts.
  mutating func remove(_ amount: Int32, bucket: Int32) {
    var index = entries.count - 1
    while index >= first {
      if entries[index].bucket == bucket {
        entries[index].amount -= amount
        total -= Int64(amount)
        return
      }
      if entries[index].bucket < bucket { return }
      index -= 1
    }
  }

  @inline(__always) mutating func expire(bucket: Int32, keep: Int32) {
    while first < entries.count, entries[first].bucket < bucket - keep {
      total -= Int64(entries[first].amount)
      first += 1
    }
    if first == entries.count, first > 0 {
      entries.removeAll(keepingCapacity: true)
      first = 0
    }
  }

  mutating func removeAll() { self = Buckets() }

  // MARK: Bytes

  func write(to bytes: inout SnapshotWriter) {
    bytes.append(count: entries.count - first)
    for entry in entries[first...] {
      bytes.append(Int64(entry.bucket))
      bytes.append(Int64(entry.amount))
    }
  }

  init() {}

  init(from bytes: inout SnapshotReader) throws(SnapshotError) {
    for _ in 0..<(try bytes.count()) {
      let entry = Entry(
        bucket: Int32(truncatingIfNeeded: try bytes.integer()),
        amount: Int32(truncatingIfNeeded: try bytes.integer()))
      total += Int64(entry.amount)
      entries.append(entry)
    }
  }
}
