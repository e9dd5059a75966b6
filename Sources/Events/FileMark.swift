import Glibc

/// What of a file tells that it is another, or was written again. Two writes within a tick of the kernel's clock (some
/// milliseconds) that leave its size are one.
package struct FileMark: Equatable, Sendable {
  private let device, inode: UInt64
  private let size, seconds, nanoseconds: Int64

  /// Nil where it is not there.
  package init?(_ file: String) {
    var found = stat()
    guard unsafe stat(file, &found) == 0 else { return nil }
    (device, inode, size) = (UInt64(found.st_dev), UInt64(found.st_ino), Int64(found.st_size))
    (seconds, nanoseconds) = (Int64(found.st_mtim.tv_sec), Int64(found.st_mtim.tv_nsec))
  }
}
