import Glibc

/// Plain sockets of this machine, where waiting is all there is to do.
@safe enum LocalSocket {
  /// Nil where nobody listens, or the path is too long for a socket's.
  static func connect(_ path: String) -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    return connect(AF_UNIX, &address)
  }

  /// Nil where nobody listens at this IPv4 or IPv6 address.
  static func connect(host: String, port: UInt16) -> Int32? {
    if host.contains(":") {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      guard unsafe inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return nil }
      return connect(AF_INET6, &address)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
    return connect(AF_INET, &address)
  }

  /// - Parameter address: one of the kernel's own kinds, of that family.
  private static func connect<Address>(_ family: Int32, _ address: inout Address) -> Int32? {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    let size = socklen_t(MemoryLayout<Address>.size)
    let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, $0, size) == 0
      }
    }
    if isConnected { return descriptor }
    close(descriptor)
    return nil
  }

  /// Whether somebody listens there.
  static func isOpen(_ path: String) -> Bool {
    guard let descriptor = connect(path) else { return false }
    close(descriptor)
    return true
  }

  /// False where the other end has gone.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  static func readAll(_ descriptor: Int32) -> [UInt8] {
    read(descriptor, most: .max) { _ in false }
  }

  /// Up to the first line feed, which is left out.
  static func readLine(_ descriptor: Int32, most: Int) -> [UInt8] {
    var line = read(descriptor, most: most) { $0.last == 10 }
    if line.last == 10 { line.removeLast() }
    return line
  }

  private static func read(_ descriptor: Int32, most: Int, until isOver: ([UInt8]) -> Bool)
    -> [UInt8]
  {
    var all: [UInt8] = []
    var some = [UInt8](repeating: 0, count: 1 << 16)
    while all.count < most, !isOver(all) {
      let count = unsafe Glibc.read(descriptor, &some, some.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      all += some.prefix(count)
    }
    return all
  }
}
