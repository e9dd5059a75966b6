package import Events

/// How often each address may ask. One who holds an IPv6 address holds its /64, and for little more the /48 around
/// it: all of that together may ask four times as often.
package struct TokenBuckets: Sendable {
  private static let share = 4.0
  private var near: Buckets<NetworkAddress>
  private var wide: Buckets<NetworkAddress>

  /// - Parameter capacity: addresses known at the most, and networks.
  package init(burst: Double, perSecond: Double, capacity: Int = 20_000) {
    near = Buckets(burst: burst, perSecond: perSecond, capacity: capacity)
    wide = Buckets(
      burst: burst * Self.share, perSecond: perSecond * Self.share, capacity: capacity)
  }

  package var count: Int { near.count + wide.count }

  /// - Returns: false where the address has asked too often.
  package mutating func take(_ address: NetworkAddress?, at now: Instant) -> Bool {
    let key = Self.key(address)
    guard near.take(key, at: now) else { return false }
    return address?.site.map { wide.take($0, at: now) } ?? true
  }

  package mutating func giveBack(_ address: NetworkAddress?) {
    near.giveBack(Self.key(address))
    if let site = address?.site { wide.giveBack(site) }
  }

  private static func key(_ address: NetworkAddress?) -> NetworkAddress {
    address?.holder ?? NetworkAddress(high: 0, low: 0)
  }
}

extension NetworkAddress {
  /// What one visitor has: an IPv4 address, or the /64 of an IPv6 address.
  var holder: NetworkAddress { isV4 ? self : network }

  /// What a visitor may get for the asking: the /48 of an IPv6 address; nil of IPv4.
  var site: NetworkAddress? { isV4 ? nil : NetworkAddress(high: high & ~0xffff, low: 0) }
}
