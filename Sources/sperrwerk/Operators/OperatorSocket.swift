import Glibc

/// The client's end of the operators' socket.
enum OperatorSocket {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// One line to a unix socket, and the line that comes back.
  static func ask(_ path: String, _ line: String) -> Result<String, Fault> {
    guard let descriptor = LocalSocket.connect(path) else { return .failure(fault(path, errno)) }
    defer { close(descriptor) }
    guard LocalSocket.write(Array((line + "\n").utf8), to: descriptor) else {
      return .failure(fault(path, errno))
    }
    let answer = LocalSocket.readLine(descriptor, most: .max)
    if answer.isEmpty {
      return .failure(
        Fault(description: "\(path): the service ended before it answered; see its log"))
    }
    return .success(String(decoding: answer, as: UTF8.self))
  }

  private static func fault(_ path: String, _ code: Int32) -> Fault {
    let remedy =
      switch code {
      case EACCES, EPERM: "you may not open this socket; become a member of its group, or root"
      default: "no answer; is 'sperrwerk run' running?"
      }
    return Fault(description: "\(path): \(remedy)")
  }
}
