import Events

/// Limits on what the machine may do by itself within an hour: a wrong rule must not stop everybody.
package struct Brakes: Sendable {
  package struct Settings: Sendable {
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

  mutating func maySuspend(_ now: Instant, reseller: Int32, senders: Int) -> Bool {
    Self.count(&suspended, now, reseller) < limit(senders: senders)
  }

  mutating func mayHold(_ now: Instant, reseller: Int32, senders: Int) -> Bool {
    Self.count(&held, now, reseller) < limit(senders: senders) * settings.holdFactor
  }

  mutating func didSuspend(_ now: Instant, reseller: Int32) { suspended.append((now, reseller)) }
  mutating func didHold(_ now: Instant, reseller: Int32) { held.append((now, reseller)) }

  private static func count(
    _ list: inout [(time: Instant, reseller: Int32)], _ now: Instant, _ reseller: Int32
  ) -> Int {
    let hour = TimeSpan(seconds: 3600)
    list.removeAll { $0.time <= now - hour }
    return list.count
  }
}
