import Events
import Glibc

/// The addresses of this host's own interfaces.
enum HostAddresses {
  /// Ever in the same order; none where the system does not say.
  static var all: [AddressRange] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&first) == 0 else { return [] }
    defer { unsafe freeifaddrs(first) }
    var texts: Set<String> = []
    var next = unsafe first
    while let interface = unsafe next {
      if let text = unsafe text(of: interface.pointee.ifa_addr) { texts.insert(text) }
      unsafe next = interface.pointee.ifa_next
    }
    return texts.sorted().compactMap { AddressRange($0) }
  }

  private static func text(of address: UnsafeMutablePointer<sockaddr>?) -> String? {
    guard let address = unsafe address else { return nil }
    let length: Int
    switch Int32(unsafe address.pointee.sa_family) {
    case AF_INET: length = MemoryLayout<sockaddr_in>.size
    case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
    default: return nil
    }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard
      unsafe getnameinfo(
        address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0
    else { return nil }
    return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
