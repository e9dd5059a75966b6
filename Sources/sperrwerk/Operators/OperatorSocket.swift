import Glibc

/// The client's end of the operators' socket.
enum OperatorSocket {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// One line to a unix socket, and the line that comes back.
  static func ask(_ path: String, _ line: String) -> Result<String, Fault> {
    guard let descriptor = open(path) else { return .failure(fault(path, errno)) }
    defer { close(descriptor) }
    Output.write(Array((line + "\n").utf8), to: descriptor)
    var answer: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while answer.last != 10 {
      let count = unsafe read(descriptor, &block, block.count)
      if count <= 0 {
        return .failure(
          Fault(description: "\(path): the service ended before it answered; see its log"))
      }
      answer.append(contentsOf: block[..<count])
    }
    return .success(String(decoding: answer.dropLast(), as: UTF8.self))
  }

  private static func fault(_ path: String, _ code: Int32) -> Fault {
    let remedy =
      switch code {
      case EACCES, EPERM: "you may not open this socket; become a member of its group, or root"
      default: "no answer; is 'sperrwerk run' running?"
      }
    return Fault(description: "\(path): \(remedy)")
  }

  /// A connection; nil where nobody listens.
  static func open(_ path: String) -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      close(descriptor)
      return nil
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let isOpen = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    if isOpen { return descriptor }
    close(descriptor)
    return nil
  }

  /// Whether somebody listens there.
  static func isOpen(_ path: String) -> Bool {
    guard let descriptor = open(path) else { return false }
    close(descriptor)
    return true
  }

  /// A connection to an IPv4 address; nil where nobody listens.
  static func open(host: String, port: UInt16) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    let isOpen =
      unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1
      && withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
    if isOpen { return descriptor }
    close(descriptor)
    return nil
  }
}
