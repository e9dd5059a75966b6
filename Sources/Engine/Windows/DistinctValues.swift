/// How many different values came within the window: exact while at most 256 are remembered, then a
/// sliding HyperLogLog of 512 registers (standard error 1.04/√512 = 4.6 %).
struct DistinctValues: Equatable {
  static let exactLimit = 256

  /// The only value: of a million accounts and addresses most have no other, and it needs no array. Hash 0 is none;
  /// with `places` there is none either.
  private var only = Place()
  /// Open addressing; a hash of 0 is an empty place. Values that have left the window go at the next
  /// growth. One array, not one of hashes and one of buckets: each costs 48 bytes before it holds any.
  private var places: [Place] = []
  private var used = 0
  /// How many values were last seen in each bucket.
  private var perBucket = Buckets()
  /// Empty or one: of a million accounts few need it, and an empty array takes the least room.
  private var sketch: [Sketch] = []

  private struct Place: Equatable {
    var hash: UInt64 = 0
    var lastSeen: Int32 = 0
  }

  mutating func add(_ hash: UInt64, bucket: Int32, keep: Int32) {
    if !sketch.isEmpty {
      sketch[0].add(hash, bucket: bucket)
      return
    }
    if places.isEmpty {
      if only.hash == hash {
        only.lastSeen = max(only.lastSeen, bucket)
        return
      }
      let former = only
      if former.hash == 0 || former.lastSeen < bucket - keep {
        only = Place(hash: hash, lastSeen: bucket)
        return
      }
      only = Place()
      grow(bucket: bucket, keep: keep)
      add(former.hash, bucket: former.lastSeen, keep: keep)
    }
    perBucket.expire(bucket: bucket, keep: keep)
    if used * 4 >= places.count * 3 { grow(bucket: bucket, keep: keep) }
    if !sketch.isEmpty {
      sketch[0].add(hash, bucket: bucket)
      return
    }
    let place = place(of: hash)
    if places[place].hash == hash {
      if places[place].lastSeen >= bucket { return }
      perBucket.remove(1, bucket: places[place].lastSeen)
    } else {
      places[place].hash = hash
      used += 1
    }
    places[place].lastSeen = bucket
    perBucket.add(1, bucket: bucket, keep: keep)
  }

  mutating func count(bucket: Int32, keep: Int32) -> Int64 {
    if !sketch.isEmpty { return sketch[0].estimate(since: bucket - keep) }
    if places.isEmpty { return only.hash != 0 && only.lastSeen >= bucket - keep ? 1 : 0 }
    perBucket.expire(bucket: bucket, keep: keep)
    return perBucket.total
  }

  var newest: Int32 {
    if only.hash != 0 { return only.lastSeen }
    return sketch.first?.newest ?? perBucket.newest
  }

  private mutating func grow(bucket: Int32, keep: Int32) {
    let old = places.filter { $0.hash != 0 && $0.lastSeen >= bucket - keep }
    if old.count >= Self.exactLimit {
      var sketch = Sketch()
      for one in old { sketch.add(one.hash, bucket: one.lastSeen) }
      self = DistinctValues()
      self.sketch = [sketch]
      return
    }
    // Most accounts have one value or two, and there are a million of them.
    var capacity = 2
    while capacity * 3 <= (old.count + 1) * 5 { capacity *= 2 }
    places = Array(repeating: Place(), count: capacity)
    used = old.count
    for one in old { places[place(of: one.hash)] = one }
  }

  /// Where `hash` is, or belongs.
  @inline(__always) private func place(of hash: UInt64) -> Int {
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while places[place].hash != 0, places[place].hash != hash { place = (place + 1) & mask }
    return place
  }

  // MARK: Bytes

  func write(to bytes: inout SnapshotWriter) {
    bytes.append(!sketch.isEmpty)
    if let sketch = sketch.first {
      sketch.write(to: &bytes)
    } else {
      let values = (places + [only]).filter { $0.hash != 0 }
      bytes.append(count: values.count)
      for one in values.sorted(by: { $0.hash < $1.hash }) {
        bytes.append(bits: one.hash)
        bytes.append(Int64(one.lastSeen))
      }
    }
  }

  init() {}

  init(from bytes: inout SnapshotReader) throws(SnapshotError) {
    if try bytes.flag() {
      sketch = [try Sketch(from: &bytes)]
      return
    }
    var values: [(UInt64, Int32)] = []
    for _ in 0..<(try bytes.count()) {
      values.append((try bytes.bits(), Int32(truncatingIfNeeded: try bytes.integer())))
    }
    for (hash, seen) in values.sorted(by: { $0.1 < $1.1 }) {
      add(hash, bucket: seen, keep: .max / 2)
    }
  }
}

/// A HyperLogLog that slides: each register remembers for each rank when it was last seen.
///
/// Source: Flajolet et al., "HyperLogLog", 2007; the sliding form after Chabchoub and Hébrail, 2010.
struct Sketch: Equatable {
  static let registers = 512
  static let ranks = 24
  private var seen = [Int32](repeating: .min, count: registers * ranks)
  private(set) var newest = Int32.min
  private var cached: (since: Int32, value: Int64)? = nil

  mutating func add(_ value: UInt64, bucket: Int32) {
    // Each bit must be a fair coin, which the hash of a short value is not quite (MurmurHash3's end).
    var hash = (value ^ value >> 33) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
    hash ^= hash >> 33
    let register = Int(truncatingIfNeeded: hash) & (Self.registers - 1)
    let rank = min((hash >> 9 | 1 << 55).trailingZeroBitCount, Self.ranks - 1)
    let place = register * Self.ranks + rank
    newest = max(newest, bucket)
    if seen[place] >= bucket { return }
    // A rank that was in the window already leaves the estimate as it is.
    if let cached, seen[place] < cached.since { self.cached = nil }
    seen[place] = bucket
  }

  mutating func estimate(since: Int32) -> Int64 {
    if let cached, cached.since == since { return cached.value }
    var sum = 0.0
    var zeros = 0
    for register in 0..<Self.registers {
      var rank = Self.ranks - 1
      while rank >= 0, seen[register * Self.ranks + rank] < since { rank -= 1 }
      if rank < 0 { zeros += 1 }
      sum += 1 / Double(UInt64(1) << UInt64(rank + 1))
    }
    let m = Double(Self.registers)
    var value = 0.7213 / (1 + 1.079 / m) * m * m / sum
    if value < 2.5 * m, zeros > 0 { value = m * naturalLogarithm(m / Double(zeros)) }
    let rounded = Int64(value.rounded())
    cached = (since, rounded)
    return rounded
  }

  static func == (a: Sketch, b: Sketch) -> Bool { a.seen == b.seen && a.newest == b.newest }

  func write(to bytes: inout SnapshotWriter) {
    bytes.append(Int64(newest))
    for bucket in seen { bytes.append(Int64(bucket)) }
  }

  init() {}

  init(from bytes: inout SnapshotReader) throws(SnapshotError) {
    newest = Int32(truncatingIfNeeded: try bytes.integer())
    for place in seen.indices { seen[place] = Int32(truncatingIfNeeded: try bytes.integer()) }
  }
}
