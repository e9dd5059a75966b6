/// A network in prefix notation, `192.0.2.0/24` or `2001:db8::/32`, or one address.
public struct AddressRange: Hashable, Sendable {
  private let address: NetworkAddress
  /// Bits of the 128 that count.
  private let bits: Int

  /// - Returns: nil unless all of `text` is one.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = NetworkAddress(String(parts[0])), parts.count <= 2 else { return nil }
    let width = address.isV4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...width).contains(given) else { return nil }
      length = given
    }
    self.init(address, length: length)
  }

  /// - Parameter length: how many bits of the address count, as it is written: of 32 or of 128.
  public init(_ address: NetworkAddress, length: Int) {
    bits = address.isV4 ? 96 + length : length
    self.address = NetworkAddress(
      high: address.high & Self.mask(min(bits, 64)), low: address.low & Self.mask(max(bits - 64, 0))
    )
  }

  /// How many bits of the address count: of 32 or of 128.
  public var length: Int { address.isV4 ? bits - 96 : bits }

  /// Larger than any network that one provider gives one customer: IPv4's /8, IPv6's /16.
  public var isHuge: Bool { length < (address.isV4 ? 8 : 16) }

  public func contains(_ other: NetworkAddress) -> Bool {
    (address.high ^ other.high) & Self.mask(min(bits, 64)) == 0
      && (address.low ^ other.low) & Self.mask(max(bits - 64, 0)) == 0
  }

  private static func mask(_ bits: Int) -> UInt64 { bits == 0 ? 0 : ~0 << UInt64(64 - bits) }

  /// `192.0.2.0/24`; of one address that alone.
  public var description: String {
    length == (address.isV4 ? 32 : 128) ? "\(address)" : "\(address)/\(length)"
  }
}

extension AddressRange: CodedAsText {
  public static let form = "no address or network such as 192.0.2.0/24"
}
