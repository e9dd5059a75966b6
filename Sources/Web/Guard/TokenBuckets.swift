package import Events

/// How often each address may ask: a bucket of tokens for each, that fills again with time.
///
/// The table is bounded: of more addresses than fit, the longest silent are forgotten, and begin anew with
/// a full bucket.
package struct TokenBuckets: Sendable {
  private struct Bucket {
    var tokens: Double
    var time: Instant
  }

  package let burst: Double
  package let perSecond: Double
  /// Addresses known at the most.
  package let capacity: Int
  /// Those seen lately, and those seen before: when the first are half of the capacity, the second are forgotten.
  private var young: [NetworkAddress: Bucket] = [:]
  private var old: [NetworkAddress: Bucket] = [:]

  package init(burst: Double, perSecond: Double, capacity: Int = 20_000) {
    (self.burst, self.perSecond, self.capacity) = (burst, perSecond, capacity)
  }

  package var count: Int { young.count + old.count }

  /// - Returns: false where the address has asked too often. One who holds an IPv6 address holds its /64.
  package mutating func take(_ address: NetworkAddress?, at now: Instant) -> Bool {
    let key = address.map { $0.isV4 ? $0 : $0.network } ?? NetworkAddress(high: 0, low: 0)
    var bucket = young[key] ?? old[key] ?? Bucket(tokens: burst, time: now)
    let passed = Double(max(0, (now - bucket.time).microseconds)) / 1_000_000
    bucket.tokens = min(burst, bucket.tokens + passed * perSecond)
    bucket.time = max(now, bucket.time)
    let isAllowed = bucket.tokens >= 1
    if isAllowed { bucket.tokens -= 1 }
    if young.count >= capacity / 2, young[key] == nil {
      old = young
      young.removeAll()
    }
    young[key] = bucket
    old[key] = nil
    return isAllowed
  }
}
