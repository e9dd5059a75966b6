import Events

/// Whose messages are that the policy service told of before the log did: a few, for a minute.
struct Claims {
  struct Claim {
    var subject: Int32
    var isStopped: Bool
    var at: Instant
  }

  private static let room = 1000
  private static let time = TimeSpan(seconds: 60)
  private var claims: [QueueID: Claim] = [:]

  mutating func put(_ id: QueueID, _ subject: Int32, _ isStopped: Bool, at now: Instant) {
    if claims.count >= Self.room { claims = claims.filter { now - $0.value.at < Self.time } }
    guard claims.count < Self.room else { return }
    claims[id] = Claim(subject: subject, isStopped: isStopped, at: now)
  }

  mutating func take(_ id: QueueID, at now: Instant) -> Claim? {
    if claims.isEmpty { return nil }
    guard let claim = claims.removeValue(forKey: id), now - claim.at < Self.time else { return nil }
    return claim
  }
}

// MARK: Bytes

extension Claims {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    var list = claims.sorted {
      ($0.key.high, $0.key.middle, $0.key.low) < ($1.key.high, $1.key.middle, $1.key.low)
    }.map { ($0.key, $0.value) }
    let blank = Claim(subject: -1, isStopped: false, at: .distantPast)
    try archive.keep(&list, or: (QueueID(high: 0, middle: 0, low: 0), blank)) {
      (claim, archive) throws(SnapshotError) in
      var (high, middle, low) = (claim.0.high, claim.0.middle, claim.0.low)
      try archive.keep(&high)
      try archive.keep(&middle)
      try archive.keep(&low)
      claim.0 = QueueID(high: high, middle: middle, low: low)
      try archive.keep(&claim.1.subject)
      try archive.keep(&claim.1.isStopped)
      try archive.keep(&claim.1.at)
    }
    claims = Dictionary(list, uniquingKeysWith: { $1 })
  }
}
