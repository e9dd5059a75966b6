import Events

/// The engine's whole state as bytes: what comes back from them decides as the one that wrote them would have.
///
/// The policies, the directory and the databases of places are not in it; the engine that reads must have been
/// made with the same.
extension Engine {
  /// Shape: this number, the state, and a sum over both. Another number is another version's.
  private static let version: UInt32 = 5

  package mutating func snapshot() -> [UInt8] {
    var archive = Archive()
    // Writing fails nowhere: only bytes that are read can be wrong.
    try? keep(in: &archive)
    return archive.bytes
  }

  /// Takes the state of `bytes` instead of its own.
  /// - Throws: where they are cut short, changed, or of another version; the engine is then not to be used.
  package mutating func restore(_ bytes: [UInt8]) throws(SnapshotError) {
    var archive = Archive(bytes)
    try keep(in: &archive)
    if !archive.isAtEnd { throw SnapshotError(offset: bytes.count) }
  }

  private mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    var version = Self.version
    try archive.keep(&version)
    guard version == Self.version else { throw SnapshotError(offset: 0) }
    try archive.keep(&now)
    try archive.keep(&decidesFrom)
    try archive.keep(&swept)
    try archive.keep(&sweptAll)
    try archive.keep(&serial)
    try archive.keep(&pause, or: .init(since: .distantPast, actor: "", reason: "")) {
      (pause, archive) throws(SnapshotError) in
      try archive.keep(&pause.since)
      try archive.keep(&pause.actor)
      try archive.keep(&pause.reason)
    }
    try archive.keep(&fileNames)
    try statistics.keep(in: &archive)
    try day.keep(in: &archive)
    try subjects.keep(in: &archive)
    try attribution.keep(in: &archive)
    try archive.keep { [windows] writer in
      windows.write(to: &writer)
    } read: { (reader: inout SnapshotReader) throws(SnapshotError) in
      try windows.read(from: &reader)
    }
    try hostRules.keep(in: &archive)
    try brakes.keep(in: &archive)
    try evidence.keep(in: &archive)
    try places.keep(in: &archive)
    try journeys.keep(in: &archive)
    try tries.keep(in: &archive)
    try scripts.keep(in: &archive)
    try cases.keep(in: &archive)
    try keepRest(in: &archive)
  }

  private mutating func keepRest(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&sent, or: Buckets()) { (buckets, archive) throws(SnapshotError) in
      let written = buckets
      var read: Buckets?
      try archive.keep {
        written.write(to: &$0)
      } read: {
        (reader: inout SnapshotReader) throws(SnapshotError) in
        read = try Buckets(from: &reader)
      }
      if let read { buckets = read }
    }
    try archive.keep(&alertedAt, or: ("", .distantPast)) {
      (what, time, archive) throws(SnapshotError) in
      try archive.keep(&what)
      try archive.keep(&time)
    }
    try archive.keep(&restUntil, or: (HashKey(0), .distantPast)) {
      (handler, time, archive) throws(SnapshotError) in
      try archive.keep(&handler)
      try archive.keep(&time)
    }
    let blank = ListReport.Entry(
      kind: .allow, subject: "", from: now, until: now, reason: "")
    try archive.keep(&entries, or: blank) { (entry, archive) throws(SnapshotError) in
      try archive.keep(&entry)
    }
    joinLists()
    knowThieves()
  }
}

extension Archive {
  fileprivate mutating func keep(_ entry: inout ListReport.Entry) throws(SnapshotError) {
    try keep(&entry.kind)
    try keep(&entry.subject)
    try keep(&entry.policy)
    var network = entry.network.map { "\($0)" }
    try keep(&network)
    entry.network = network.flatMap { AddressRange($0) }
    try keep(&entry.volume, or: 0) { (volume, archive) throws(SnapshotError) in
      try archive.keep(&volume)
    }
    try keep(&entry.from)
    try keep(&entry.until)
    try keep(&entry.reason)
    try keep(&entry.actor)
  }
}
