/// The keys of one kind (accounts, client addresses, …) that have window state, each with a slot.
///
/// A slot that nothing touched for `retention` is given back, so that a month of strangers'
/// addresses takes no more memory than a day of them.
struct KeySpace {
  typealias Slot = Int32

  private var places: [HashKey: Slot] = [:]
  private(set) var hashes: [UInt64] = []
  private var touched: [Int32] = []
  private var free: [Slot] = []
  /// Seconds.
  var retention: Int32

  init(retention: Int32) { self.retention = retention }

  var count: Int { places.count }

  /// - Parameter second: the engine's time.
  @inline(__always) mutating func slot(_ hash: UInt64, second: Int32) -> Slot {
    if let slot = places[HashKey(hash)] {
      touched[Int(slot)] = second
      return slot
    }
    if let slot = free.popLast() {
      places[HashKey(hash)] = slot
      hashes[Int(slot)] = hash
      touched[Int(slot)] = second
      return slot
    }
    let slot = Slot(hashes.count)
    places[HashKey(hash)] = slot
    hashes.append(hash)
    touched.append(second)
    return slot
  }

  func find(_ hash: UInt64) -> Slot? { places[HashKey(hash)] }

  /// Gives back what has been idle too long.
  /// - Returns: the slots whose state must be cleared.
  mutating func sweep(second: Int32) -> [Slot] {
    var gone: [Slot] = []
    for slot in hashes.indices where hashes[slot] != 0 && touched[slot] < second - retention {
      places[HashKey(hashes[slot])] = nil
      hashes[slot] = 0
      gone.append(Slot(slot))
    }
    free.append(contentsOf: gone)
    return gone
  }

  // MARK: Bytes

  func write(to bytes: inout SnapshotWriter) {
    bytes.append(count: hashes.count)
    for (hash, second) in zip(hashes, touched) {
      bytes.append(bits: hash)
      bytes.append(Int64(second))
    }
    bytes.append(count: free.count)
    for slot in free { bytes.append(Int64(slot)) }
  }

  mutating func read(from bytes: inout SnapshotReader) throws(SnapshotError) {
    self = KeySpace(retention: retention)
    for slot in 0..<(try bytes.count()) {
      let hash = try bytes.bits()
      hashes.append(hash)
      touched.append(Int32(truncatingIfNeeded: try bytes.integer()))
      if hash != 0 { places[HashKey(hash)] = Slot(slot) }
    }
    for _ in 0..<(try bytes.count()) {
      free.append(Slot(truncatingIfNeeded: try bytes.integer()))
    }
  }
}
