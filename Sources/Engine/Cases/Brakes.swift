import Events

/// Limits on what the machine may do by itself within an hour: a wrong rule must not stop everybody.
package struct Brakes: Sendable {
  package struct Settings: Codable, Sendable {
    /// Suspensions in an hour, over all and for each reseller.
    package var suspensions = 10
    /// At most this share of the accounts that sent within the last day, but never under `least`.
    package var share = 0.02
    package var least = 3
    /// Holds are this many times as many.
    package var holdFactor = 3

    package init() {}
  }

  package var settings = Settings()
  private var suspended: [(time: Instant, reseller: Int32)] = []
  private var held: [(time: Instant, reseller: Int32)] = []

  /// - Parameter senders: how many accounts sent within the last day.
  func limit(senders: Int) -> Int {
    min(settings.suspensions, max(settings.least, Int(Double(senders) * settings.share)))
  }

  /// Who would be stopped: how many accounts sent within the last day, over all and of its reseller.
  struct Senders {
    var all: Int
    /// -1 is no reseller's.
    var reseller: Int32
    var ofReseller: Int
  }

  mutating func maySuspend(_ now: Instant, _ senders: Senders) -> Bool {
    Self.forget(&suspended, now)
    return suspended.count < limit(senders: senders.all)
      && Self.count(suspended, senders) < limit(senders: senders.ofReseller)
  }

  mutating func mayHold(_ now: Instant, _ senders: Senders) -> Bool {
    Self.forget(&held, now)
    return held.count < limit(senders: senders.all) * settings.holdFactor
      && Self.count(held, senders) < limit(senders: senders.ofReseller) * settings.holdFactor
  }

  mutating func didSuspend(_ now: Instant, reseller: Int32) { suspended.append((now, reseller)) }
  mutating func didHold(_ now: Instant, reseller: Int32) { held.append((now, reseller)) }

  private static func forget(_ list: inout [(time: Instant, reseller: Int32)], _ now: Instant) {
    list.removeAll { $0.time <= now - TimeSpan(seconds: 3600) }
  }

  /// Those of the same reseller; a customer without one is nobody's.
  private static func count(
    _ list: [(time: Instant, reseller: Int32)], _ senders: Senders
  ) -> Int {
    senders.reseller < 0 ? 0 : list.count { $0.reseller == senders.reseller }
  }
}

// MARK: Bytes

extension Brakes {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try Self.keep(&suspended, in: &archive)
    try Self.keep(&held, in: &archive)
  }

  private static func keep(
    _ list: inout [(time: Instant, reseller: Int32)], in archive: inout Archive
  ) throws(SnapshotError) {
    try archive.keep(&list, or: (.distantPast, -1)) { (one, archive) throws(SnapshotError) in
      try archive.keep(&one.time)
      try archive.keep(&one.reseller)
    }
  }
}
