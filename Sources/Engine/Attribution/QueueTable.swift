import Events

/// Who submitted which queued message: (host, instance, queue id, generation) to its origin.
///
/// Open addressing over one array of keys and one of messages. A message is kept until an hour after
/// `removed`, or for `lifetime` where that line never comes; what the bound drops is counted.
struct QueueTable {
  struct Key: Equatable {
    var id: QueueID
    var server: UInt32

    @inline(__always) var hash: UInt64 {
      FieldHash.mix(FieldHash.mix(id.high, id.middle ^ UInt64(server) << 32), id.low)
    }
  }

  /// The place of a message; good until the next `sweep`.
  typealias Place = Int32

  /// How long a message that was never removed is kept: Postfix's longest queue lifetime, and a day.
  static let lifetime = TimeSpan(seconds: 6 * 86_400)
  static let afterRemoval = TimeSpan(seconds: 3600)

  private var index: [Place] = Array(repeating: -1, count: 1 << 12)
  private var keys: [Key] = []
  private(set) var messages: [QueuedMessage] = []
  private var free: [Place] = []
  private var live = 0
  private(set) var dropped = 0
  let limit: Int

  /// Messages in the order in which they fall due, one queue a waiting time.
  private var removals = DueQueue()
  private var lifetimes = DueQueue()

  init(limit: Int = 2_000_000) { self.limit = limit }

  var count: Int { live }

  subscript(place: Place) -> QueuedMessage {
    @inline(__always) get { messages[Int(place)] }
    @inline(__always) _modify { yield &messages[Int(place)] }
  }

  @inline(__always) func find(_ key: Key) -> Place? {
    let mask = index.count - 1
    var slot = Int(truncatingIfNeeded: key.hash) & mask
    while true {
      let place = index[slot]
      if place < 0 { return nil }
      if keys[Int(place)] == key { return place }
      slot = (slot + 1) & mask
    }
  }

  /// The ids of a subject's messages that are not removed yet.
  func ids(of subject: Int32) -> [String] {
    messages.indices.filter {
      messages[$0].isLive && !messages[$0].isRemoved && messages[$0].subject == subject
    }.map { keys[$0].id.description }
  }

  /// Begins a new generation of `key`: what an earlier message of the same id was is forgotten.
  mutating func begin(_ key: Key, _ message: QueuedMessage, at now: Instant) -> Place {
    if let place = find(key) {
      let generation = messages[Int(place)].generation &+ 1
      messages[Int(place)] = message
      messages[Int(place)].generation = generation
      lifetimes.append(place: place, generation: generation, due: now + Self.lifetime)
      return place
    }
    if live >= limit { dropOldest() }
    if (live + 1) * 2 > index.count { grow() }
    let place: Place
    var generation: UInt32 = 0
    if let reused = free.popLast() {
      place = reused
      generation = messages[Int(place)].generation &+ 1
      keys[Int(place)] = key
      messages[Int(place)] = message
    } else {
      place = Place(keys.count)
      keys.append(key)
      messages.append(message)
    }
    messages[Int(place)].generation = generation
    insert(place)
    live += 1
    lifetimes.append(place: place, generation: generation, due: now + Self.lifetime)
    return place
  }

  /// The message has left the queue; late lines about it still find it for an hour.
  mutating func remove(_ place: Place, at now: Instant) {
    messages[Int(place)].isRemoved = true
    removals.append(
      place: place, generation: messages[Int(place)].generation, due: now + Self.afterRemoval)
  }

  /// Forgets what is due.
  mutating func sweep(_ now: Instant) {
    while let due = removals.pop(now) { forget(due, onlyRemoved: true) }
    while let due = lifetimes.pop(now) { forget(due, onlyRemoved: false) }
  }

  private mutating func forget(_ due: DueQueue.Entry, onlyRemoved: Bool) {
    let message = messages[Int(due.place)]
    guard message.generation == due.generation, message.isLive,
      message.isRemoved || !onlyRemoved
    else { return }
    erase(due.place)
  }

  private mutating func dropOldest() {
    while let due = removals.popFirst() ?? lifetimes.popFirst() {
      let message = messages[Int(due.place)]
      if message.generation == due.generation, message.isLive {
        erase(due.place)
        dropped += 1
        return
      }
    }
  }

  private mutating func insert(_ place: Place) {
    let mask = index.count - 1
    var slot = Int(truncatingIfNeeded: keys[Int(place)].hash) & mask
    while index[slot] >= 0 { slot = (slot + 1) & mask }
    index[slot] = place
  }

  /// Takes the key out and closes the gap, so that no tombstones pile up (Knuth 6.4, algorithm R).
  private mutating func erase(_ place: Place) {
    let mask = index.count - 1
    var slot = Int(truncatingIfNeeded: keys[Int(place)].hash) & mask
    while index[slot] != place { slot = (slot + 1) & mask }
    var next = (slot + 1) & mask
    while index[next] >= 0 {
      let home = Int(truncatingIfNeeded: keys[Int(index[next])].hash) & mask
      if (next - home) & mask >= (next - slot) & mask {
        index[slot] = index[next]
        slot = next
      }
      next = (next + 1) & mask
    }
    index[slot] = -1
    messages[Int(place)].isLive = false
    free.append(place)
    live -= 1
  }

  private mutating func grow() {
    let old = index
    index = Array(repeating: -1, count: old.count * 2)
    for place in old where place >= 0 { insert(place) }
  }
}

/// Places in the order in which they fall due: since every entry waits equally long, first in, first out.
struct DueQueue {
  struct Entry {
    var place: Int32
    var generation: UInt32
    var due: Instant
  }

  private var entries: [Entry] = []
  private var first = 0

  mutating func append(place: Int32, generation: UInt32, due: Instant) {
    entries.append(Entry(place: place, generation: generation, due: due))
  }

  mutating func pop(_ now: Instant) -> Entry? {
    first < entries.count && entries[first].due <= now ? popFirst() : nil
  }

  mutating func popFirst() -> Entry? {
    guard first < entries.count else { return nil }
    defer {
      first += 1
      if first > 4096, first * 2 > entries.count {
        entries.removeSubrange(0..<first)
        first = 0
      }
    }
    return entries[first]
  }
}

// MARK: Bytes

extension QueueTable {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&keys, or: Key(id: QueueID(high: 0, middle: 0, low: 0), server: 0)) {
      (key, archive) throws(SnapshotError) in try key.keep(in: &archive)
    }
    try archive.keep(&messages, or: QueuedMessage(origin: .unknown, submittedAt: .distantPast)) {
      (message, archive) throws(SnapshotError) in try message.keep(in: &archive)
    }
    try archive.keep(&free)
    try archive.keep(&live)
    try archive.keep(&dropped)
    try removals.keep(in: &archive)
    try lifetimes.keep(in: &archive)
    if archive.isReading { try buildIndex() }
  }

  private mutating func buildIndex() throws(SnapshotError) {
    guard keys.count == messages.count, free.allSatisfy({ keys.indices.contains(Int($0)) }) else {
      throw SnapshotError(offset: 0)
    }
    index = Array(repeating: -1, count: 1 << 12)
    while (live + 1) * 2 > index.count { index += index }
    for place in messages.indices where messages[place].isLive { insert(Place(place)) }
  }
}

extension QueueTable.Key {
  fileprivate mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    var (high, middle, low) = (id.high, id.middle, id.low)
    try archive.keep(&high)
    try archive.keep(&middle)
    try archive.keep(&low)
    id = QueueID(high: high, middle: middle, low: low)
    try archive.keep(&server)
  }
}

extension DueQueue {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    var waiting = Array(entries[first...])
    try archive.keep(&waiting, or: Entry(place: 0, generation: 0, due: .distantPast)) {
      (entry, archive) throws(SnapshotError) in
      try archive.keep(&entry.place)
      try archive.keep(&entry.generation)
      try archive.keep(&entry.due)
    }
    (entries, first) = (waiting, 0)
  }
}
