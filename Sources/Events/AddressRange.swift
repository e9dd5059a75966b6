package import Events

/// A network in prefix notation, `192.0.2.0/24` or `2001:db8::/32`, or one address.
package struct AddressRange: Equatable, Sendable {
  private let address: NetworkAddress
  /// Bits of the 128 that count.
  private let bits: Int

  /// - Returns: nil unless all of `text` is one.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = NetworkAddress(String(parts[0])), parts.count <= 2 else { return nil }
    let width = address.isV4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...width).contains(given) else { return nil }
      length = given
    }
    self.address = address
    bits = 128 - width + length
  }

  package func contains(_ other: NetworkAddress) -> Bool {
    let high = Self.mask(min(bits, 64))
    let low = Self.mask(max(bits - 64, 0))
    return (address.high ^ other.high) & high == 0 && (address.low ^ other.low) & low == 0
  }

  private static func mask(_ bits: Int) -> UInt64 { bits == 0 ? 0 : ~0 << UInt64(64 - bits) }
}
