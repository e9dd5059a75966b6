/// An IPv4 or IPv6 address in its one canonical form: IPv4 is kept v4-mapped, `::ffff:192.0.2.1`.
public struct NetworkAddress: Hashable, Sendable {
  public let high, low: UInt64

  @inlinable public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  @inlinable public init(v4: UInt32) {
    self.init(high: 0, low: 0xffff_0000_0000 | UInt64(v4))
  }

  @inlinable public var isV4: Bool { high == 0 && low >> 32 == 0xffff }

  /// The network a home or an office has: /24 of IPv4, /64 of IPv6.
  @inlinable public var network: NetworkAddress {
    isV4 ? NetworkAddress(high: 0, low: low & ~0xff) : NetworkAddress(high: high, low: 0)
  }

  /// What stands for one machine or home: an IPv4 address, or the /64 within which IPv6 changes its address by
  /// itself. Source: RFC 8981.
  @inlinable public var client: NetworkAddress { isV4 ? self : network }

  /// 127.0.0.0/8 or ::1.
  @inlinable public var isLoopback: Bool {
    isV4 ? UInt32(truncatingIfNeeded: low) >> 24 == 127 : high == 0 && low == 1
  }

  /// - Parameter text: dotted IPv4, or IPv6 as in RFC 4291, also v4-mapped, with or without `%scope`.
  /// - Returns: nil unless all of `text` is an address.
  public init?(_ text: Span<UInt8>) {
    guard
      let address = Self.v4(text, from: 0, to: text.count).map(NetworkAddress.init(v4:))
        ?? Self.v6(text)
    else { return nil }
    self = address
  }

  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let address = NetworkAddress(bytes.span) else { return nil }
    self = address
  }

  @inlinable static func v4(_ text: Span<UInt8>, from start: Int, to end: Int) -> UInt32? {
    guard end - start >= 7, end - start <= 15 else { return nil }
    var value: UInt32 = 0
    var part: UInt32 = 0
    var digits = 0
    var dots = 0
    for index in start..<end {
      let byte = text[index]
      if byte == UInt8(ascii: ".") {
        guard digits > 0, dots < 3 else { return nil }
        value = value << 8 | part
        (part, digits, dots) = (0, 0, dots + 1)
      } else {
        guard byte >= 48, byte <= 57, digits < 3 else { return nil }
        part = part * 10 + UInt32(byte - 48)
        digits += 1
        guard part < 256 else { return nil }
      }
    }
    return dots == 3 && digits > 0 ? value << 8 | part : nil
  }

  static func v6(_ text: Span<UInt8>) -> NetworkAddress? {
    var end = text.count
    for index in text.indices where text[index] == UInt8(ascii: "%") {
      end = index
      break
    }
    guard end >= 2, end <= 45 else { return nil }
    var groups: [UInt16] = []
    var gap: Int? = nil
    var at = 0
    if text[0] == UInt8(ascii: ":") {
      guard text[1] == UInt8(ascii: ":") else { return nil }
      (gap, at) = (0, 2)
    }
    while at < end {
      var value: UInt32 = 0
      let start = at
      while at < end, at - start < 4, let digit = hexDigit(text[at]) {
        value = value << 4 | digit
        at += 1
      }
      if at < end, text[at] == UInt8(ascii: ".") {
        guard let v4 = v4(text, from: start, to: end) else { return nil }
        groups += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
        at = end
        break
      }
      guard at > start else { return nil }
      groups.append(UInt16(value))
      if at == end { break }
      guard text[at] == UInt8(ascii: ":"), groups.count < 8 else { return nil }
      at += 1
      if at < end, text[at] == UInt8(ascii: ":") {
        guard gap == nil else { return nil }
        (gap, at) = (groups.count, at + 1)
      } else if at == end {
        return nil
      }
    }
    if let gap {
      guard groups.count < 8 else { return nil }
      groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    func word(_ range: Range<Int>) -> UInt64 { groups[range].reduce(0) { $0 << 16 | UInt64($1) } }
    return NetworkAddress(high: word(0..<4), low: word(4..<8))
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

extension NetworkAddress: CustomStringConvertible {
  /// Dotted IPv4, or IPv6 as RFC 5952 writes it.
  public var description: String {
    if isV4 {
      let v4 = UInt32(truncatingIfNeeded: low)
      return "\(v4 >> 24).\(v4 >> 16 & 255).\(v4 >> 8 & 255).\(v4 & 255)"
    }
    let groups = (0..<8).map { (index: Int) -> UInt16 in
      let half = index < 4 ? high : low
      let shift = UInt64(3 - index % 4) * 16
      return UInt16(truncatingIfNeeded: half >> shift)
    }
    var best = 0..<0
    var start: Int? = nil
    for index in 0...8 {
      if index < 8, groups[index] == 0 {
        start = start ?? index
      } else if let first = start {
        if index - first > best.count, index - first > 1 { best = first..<index }
        start = nil
      }
    }
    func hex(_ part: ArraySlice<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    return best.isEmpty
      ? hex(groups[...]) : hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
  }

  /// The network in prefix notation, `192.0.2.0/24` or `2001:db8::/64`.
  public var networkDescription: String { "\(network)/\(isV4 ? 24 : 64)" }
}
