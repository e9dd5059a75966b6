package import Events
import Synchronization

/// How many connections each address has open, and each network that one may hold: none must take all there are.
package final class ConnectionCount: Sendable {
  private let most, mostOfSite: Int
  private let exempt: [AddressRange]
  private let open = Mutex<[NetworkAddress: Int]>([:])
  private let openOfSite = Mutex<[NetworkAddress: Int]>([:])

  /// - Parameter exempt: proxies; theirs are everybody's.
  package init(_ limits: RequestLimits, exempt: [AddressRange]) {
    (most, mostOfSite) = (limits.connections, limits.siteConnections)
    self.exempt = exempt
  }

  package func open(_ address: NetworkAddress) -> Bool {
    if exempt.contains(where: { $0.contains(address) }) { return true }
    guard Self.add(address.holder, to: open, most) else { return false }
    guard let site = address.site, !Self.add(site, to: openOfSite, mostOfSite) else { return true }
    Self.remove(address.holder, from: open)
    return false
  }

  package func close(_ address: NetworkAddress) {
    if exempt.contains(where: { $0.contains(address) }) { return }
    Self.remove(address.holder, from: open)
    if let site = address.site { Self.remove(site, from: openOfSite) }
  }

  private static func add(
    _ key: NetworkAddress, to counts: borrowing Mutex<[NetworkAddress: Int]>, _ most: Int
  ) -> Bool {
    counts.withLock { counts in
      guard counts[key, default: 0] < most else { return false }
      counts[key, default: 0] += 1
      return true
    }
  }

  private static func remove(
    _ key: NetworkAddress, from counts: borrowing Mutex<[NetworkAddress: Int]>
  ) {
    counts.withLock { counts in
      guard let count = counts[key] else { return }
      counts[key] = count > 1 ? count - 1 : nil
    }
  }
}
