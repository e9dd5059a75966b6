import Glibc

/// Where the service's own lines go. Never waits, never fails: what nobody takes is dropped and counted, since a log
/// that is full or has lost its reader must not keep anybody from being stopped.
struct LogStream {
  let descriptor: Int32
  /// Lines that nobody took since the last one that was.
  private(set) var dropped = 0
  /// The last line lacks its end.
  private var isCut = false

  /// A pipe that poll(2) calls writable takes this much at once (PIPE_BUF).
  private static let piece = 4096

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  mutating func write(_ line: String) {
    var text = isCut ? "\n" : ""
    if dropped > 0 {
      text += "sperrwerk: \(dropped) lines are missing here: they could not be written\n"
    }
    let head = text.utf8.count
    let bytes = Array((text + line + "\n").utf8)
    let written = write(bytes)
    if written > 0 { isCut = written < bytes.count }
    if written >= head, written > 0 { dropped = 0 }
    if written < bytes.count { dropped += 1 }
  }

  /// - Returns: how much was taken.
  private func write(_ bytes: [UInt8]) -> Int {
    var written = 0
    while written < bytes.count, isWritable {
      let size = min(Self.piece, bytes.count - written)
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress! + written, size)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      written += count
    }
    return written
  }

  private var isWritable: Bool {
    var look = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&look, 1, 0) == 1 else { return false }
    return look.revents & Int16(POLLOUT) != 0 && look.revents & Int16(POLLERR | POLLHUP) == 0
  }
}
