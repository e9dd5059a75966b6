package import Events

/// How often each of many may do something: a bucket of tokens for each, that fills again with time.
///
/// The table is bounded: of more than fit, the longest silent are forgotten, and begin anew with a full bucket.
package struct Buckets<Key: Hashable & Sendable>: Sendable {
  private struct Bucket {
    var tokens: Double
    var time: Instant
  }

  package let burst: Double
  package let perSecond: Double
  /// Keys known at the most.
  package let capacity: Int
  /// Those seen lately, and those seen before: when the first are half of the capacity, the second are forgotten.
  private var young: [Key: Bucket] = [:]
  private var old: [Key: Bucket] = [:]

  package init(burst: Double, perSecond: Double, capacity: Int = 20_000) {
    (self.burst, self.perSecond, self.capacity) = (burst, perSecond, capacity)
  }

  package var count: Int { young.count + old.count }

  /// - Returns: false where its bucket is empty.
  package mutating func take(_ key: Key, at now: Instant) -> Bool {
    var bucket = young[key] ?? old[key] ?? Bucket(tokens: burst, time: now)
    let passed = Double(max(0, (now - bucket.time).microseconds)) / 1_000_000
    bucket.tokens = min(burst, bucket.tokens + passed * perSecond)
    // Also where the clock was set back: it would be full of nothing until the old time comes again.
    bucket.time = now
    let isAllowed = bucket.tokens >= 1
    if isAllowed { bucket.tokens -= 1 }
    put(key, bucket)
    return isAllowed
  }

  /// What was taken counts no more.
  package mutating func giveBack(_ key: Key) {
    guard var bucket = young[key] ?? old[key] else { return }
    bucket.tokens = min(burst, bucket.tokens + 1)
    put(key, bucket)
  }

  private mutating func put(_ key: Key, _ bucket: Bucket) {
    if young.count >= capacity / 2, young[key] == nil {
      old = young
      young.removeAll()
    }
    young[key] = bucket
    old[key] = nil
  }
}
