import Events
import Glibc

/// Standard output, written in blocks. Where the reader has gone (`| head`), the program ends silently.
struct Output {
  private var pending: [UInt8] = []

  mutating func write(_ bytes: some Collection<UInt8>) {
    pending.append(contentsOf: bytes)
    if pending.count >= 1 << 16 { flush() }
  }

  mutating func write(_ text: String) { write(text.utf8) }
  mutating func line(_ text: String = "") { write(text + "\n") }

  mutating func flush() {
    Self.write(pending, to: STDOUT_FILENO)
    pending.removeAll(keepingCapacity: true)
  }

  /// A message for the operator, apart from the results.
  static func complain(_ text: String) {
    write(Array("sperrwerk: \(text)\n".utf8), to: STDERR_FILENO)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        // A word that nobody hears changes no exit status: systemd would take an EPIPE for a wanted end.
        if descriptor == STDERR_FILENO { return }
        if errno == EPIPE { exit(0) }
        complain("the output cannot be written: \(SystemFault().text)")
        exit(73)
      }
      written += count
    }
  }
}
