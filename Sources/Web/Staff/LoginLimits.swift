import Events
import Synchronization

/// How often a sign-in may fail, by address, by name, and of all together; a right password costs nothing.
///
/// The address alone is not enough: where a proxy on this machine is believed, every program here may write one. A
/// browser that has signed in under the name before is counted by that: what strangers do does not keep it out.
package struct LoginLimits: Sendable {
  package var byAddress = TokenBuckets(burst: 5, perSecond: 0.05)
  package var byName = Buckets<String>(burst: 10, perSecond: 0.1, capacity: 2000)
  package var all = Buckets<Int>(burst: 30, perSecond: 0.3, capacity: 2)
  package var known = Buckets<String>(burst: 10, perSecond: 0.1, capacity: 2000)

  package init() {}

  struct Try {
    let name: String
    let address: NetworkAddress?
    /// By a browser that has signed in under this name.
    let isKnown: Bool
  }

  mutating func take(_ attempt: Try, at now: Instant) -> Bool {
    if attempt.isKnown { return known.take(attempt.name, at: now) }
    return byAddress.take(attempt.address, at: now) && byName.take(attempt.name, at: now)
      && all.take(0, at: now)
  }

  mutating func giveBack(_ attempt: Try) {
    if attempt.isKnown { return known.giveBack(attempt.name) }
    byAddress.giveBack(attempt.address)
    byName.giveBack(attempt.name)
    all.giveBack(0)
  }
}

/// Holds the limits, and tells the operator of somebody who guesses.
final class LoginWatch: Sendable {
  private struct Failures {
    var count = 0
    var last: Instant
  }

  private let limits: Mutex<LoginLimits>
  /// By name; all that are nobody's are one, so that a stranger's words stand in no alert.
  private let failures = Mutex<[String: Failures]>([:])
  private let complain: @Sendable (String) -> Void
  private let clock: WebClock
  /// After so long without a failure the count begins anew.
  private static let rest = TimeSpan(seconds: 3600)

  init(_ limits: LoginLimits, clock: WebClock, complain: @escaping @Sendable (String) -> Void) {
    self.limits = Mutex(limits)
    (self.clock, self.complain) = (clock, complain)
  }

  /// - Returns: false where the try must wait.
  func take(_ attempt: LoginLimits.Try) -> Bool {
    limits.withLock { $0.take(attempt, at: clock.now()) }
  }

  func giveBack(_ attempt: LoginLimits.Try) { limits.withLock { $0.giveBack(attempt) } }

  /// - Parameter isSomebody: the name stands in the users' file.
  func failed(_ attempt: LoginLimits.Try, isSomebody: Bool) {
    let now = clock.now()
    let name = isSomebody ? attempt.name : ""
    let count = failures.withLock { failures in
      var found = failures[name] ?? Failures(last: now)
      if now - found.last > Self.rest { found.count = 0 }
      found.count += 1
      found.last = now
      failures[name] = found
      return found.count
    }
    // Once for those who mistype a lot, and then each time that it is ten times as much.
    guard [10, 100, 1000, 10_000, 100_000].contains(count) else { return }
    let whose = isSomebody ? "of \(name)" : "under names that are nobody's"
    let from = attempt.address.map { ", the last from \($0)" } ?? ""
    complain(
      "\(count) failed sign-ins \(whose) to the staff's page\(from); ask whether they mistype: somebody may "
        + "be guessing")
  }
}
