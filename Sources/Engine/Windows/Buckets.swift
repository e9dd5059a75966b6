/// A sliding sum: one bucket per `resolution`, kept only where something happened.
///
/// An event leaves the sum when its whole bucket is older than `over`: between `over` and
/// `over + resolution` after it came.
struct Buckets: Equatable {
  /// Oldest first, from `first` on.
  private(set) var entries: [Entry] = []
  /// `total` in the upper 48 bits, `first` in the lower 16: of many accounts there are very many sums.
  private var packed: Int64 = 0

  var total: Int64 { packed >> 16 }
  /// The place of the oldest entry that still counts.
  private var first: Int { Int(packed & 0xFFFF) }

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
    var bucket = bucket
    if last >= first, entries[last].bucket >= bucket {
      let (sum, isTooLarge) = entries[last].amount.addingReportingOverflow(amount)
      if !isTooLarge {
        entries[last].amount = sum
        count(Int64(amount))
        return
      }
      // Bytes of one bucket may be more than one entry holds.
      bucket = entries[last].bucket
    }
    if first > 32, first * 2 > entries.count { dropOld() }
    entries.append(Entry(bucket: bucket, amount: amount))
    count(Int64(amount))
  }

  /// Takes back an amount that `add` put into `bucket`, if that bucket still counts.
  mutating func remove(_ amount: Int32, bucket: Int32) {
    var index = entries.count - 1
    while index >= first {
      if entries[index].bucket == bucket {
        entries[index].amount -= amount
        count(-Int64(amount))
        return
      }
      if entries[index].bucket < bucket { return }
      index -= 1
    }
  }

  @inline(__always) mutating func expire(bucket: Int32, keep: Int32) {
    while first < entries.count, entries[first].bucket < bucket - keep {
      count(-Int64(entries[first].amount))
      packed += 1
      if first == 0xFFFF { dropOld() }
    }
    if first == entries.count, first > 0 {
      entries.removeAll(keepingCapacity: true)
      packed &= ~0xFFFF
    }
  }

  /// Within 48 bits: a sum of bytes, 140 TB.
  @inline(__always) private mutating func count(_ amount: Int64) { packed &+= amount << 16 }

  private mutating func dropOld() {
    entries.removeSubrange(0..<first)
    packed &= ~0xFFFF
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
      count(Int64(entry.amount))
      entries.append(entry)
    }
  }
}
