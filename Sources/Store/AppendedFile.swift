import Events
import Glibc

/// A file that only grows, by pieces that are there whole or not at all while this process lives.
package final class AppendedFile {
  package let path: String
  private let descriptor: Int32
  private var size: off_t

  package init(_ path: String) throws(StoreError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path, errno) }
    size = lseek(descriptor, 0, SEEK_END)
  }

  deinit { close(descriptor) }

  /// What is appended outlives this process; a power cut only after `sync`.
  package func append(_ bytes: [UInt8]) throws(StoreError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let fault = StoreError.system(path, errno)
        // Half a piece would hide those behind it.
        ftruncate(descriptor, size)
        throw fault
      }
      rest = rest.dropFirst(count)
    }
    size += off_t(bytes.count)
  }

  package func sync() throws(StoreError) {
    guard fdatasync(descriptor) == 0 else { throw .system(path, errno) }
  }
}
