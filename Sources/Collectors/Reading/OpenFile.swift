import Events
import Glibc

/// A file held open: it stays what it is, whatever becomes of its name.
@safe final class OpenFile {
  /// As it was called when it was opened.
  let path: String
  let descriptor: Int32

  init(_ path: String) throws(CollectorError) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CollectorError(
        place: path, problem: SystemFault().text,
        remedy: "check its name and that you may read it")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  var status: FileStatus? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    return FileStatus(status)
  }

  /// The bytes from `start` on, as the file has them now: fewer where it ends.
  func bytes(from start: Int, count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe bytes.withUnsafeMutableBytes {
      unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(start))
    }
    return Array(bytes.prefix(max(0, read)))
  }

  /// By the first bytes: gzip, xz, zstd, bzip2, lz4.
  var isCompressed: Bool {
    let first = bytes(from: 0, count: 8)
    let magics: [[UInt8]] = [
      [0x1f, 0x8b], [0xfd, 0x37, 0x7a, 0x58, 0x5a], [0x28, 0xb5, 0x2f, 0xfd], [0x42, 0x5a, 0x68],
      [0x04, 0x22, 0x4d, 0x18],
    ]
    return magics.contains { first.starts(with: $0) }
  }
}

/// A file's identity and size, by its name or by its descriptor.
struct FileStatus: Equatable {
  var device, inode: UInt64
  var size: Int64
  /// When it was last written to.
  var changed: Instant
  var isFolder: Bool

  init(_ status: stat) {
    (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    size = Int64(status.st_size)
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    changed = Instant(
      microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000
        + Int64(status.st_mtim.tv_nsec) / 1000)
  }

  /// Nil where there is no such file.
  init?(path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  func isSameFile(as other: FileStatus) -> Bool {
    (device, inode) == (other.device, other.inode)
  }
}

extension String {
  /// As the middle of a sentence.
  var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
