import Glibc

/// The kernel's table of TCP connections, which says whose socket is at the other end of a connection from this
/// machine. Source: proc(5), /proc/net/tcp and tcp6; the columns are local address, remote address, state and,
/// as the eighth, the uid.
enum SocketTable {
  private static let established = "01"

  /// - Parameters:
  ///   - client: the address that the client came from, as Postfix has it: `127.0.0.1` or `::1`.
  ///   - serverPort: where it came to.
  /// - Returns: nil where no such connection stands, such as after its end.
  static func uid(client: String, port: Int, serverPort: Int) -> Int32? {
    let file = client.contains(":") ? "/proc/net/tcp6" : "/proc/net/tcp"
    let own = uid(in: read(file), client: client, port: port, serverPort: serverPort)
    // A program may speak IPv4 through an IPv6 socket.
    return own
      ?? (client.contains(":")
        ? nil
        : uid(
          in: read("/proc/net/tcp6"), client: client, port: port, serverPort: serverPort,
          isMapped: true))
  }

  static func uid(
    in table: [UInt8], client: String, port: Int, serverPort: Int, isMapped: Bool = false
  ) -> Int32? {
    guard let address = words(client, isMapped: isMapped) else { return nil }
    let local = "\(address):\(hex(port, digits: 4))"
    let remote = ":\(hex(serverPort, digits: 4))"
    for line in table.split(separator: 10) {
      let columns = line.split(separator: UInt8(ascii: " "), maxSplits: 8)
      guard columns.count > 7, columns[1].elementsEqual(local.utf8),
        columns[2].suffix(5).elementsEqual(remote.utf8),
        columns[3].elementsEqual(established.utf8)
      else { continue }
      return Int32(String(decoding: columns[7], as: UTF8.self))
    }
    return nil
  }

  /// The kernel prints an address as words of 32 bits in the machine's own order.
  private static func words(_ client: String, isMapped: Bool) -> String? {
    if client == "::1" { return "00000000000000000000000001000000" }
    let numbers = client.split(separator: ".").compactMap { UInt8($0) }
    guard numbers.count == 4 else { return nil }
    let word = numbers.reversed().map { hex(Int($0), digits: 2) }.joined()
    return isMapped ? "0000000000000000FFFF0000" + word : word
  }

  private static func hex(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private static func read(_ file: String) -> [UInt8] {
    let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe Glibc.read(descriptor, &block, block.count)
      if count <= 0 { return bytes }
      bytes.append(contentsOf: block[..<count])
    }
  }
}
