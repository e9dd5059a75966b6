import CLibraries.Archive
import Events
import Glibc

/// The bytes of one file, as they are or decompressed (gzip, xz, zstd, bzip2 and what else libarchive
/// reads as one stream), in blocks. The one place that reads files; its pointers stay in it.
@safe final class ByteStream {
  static let blockSize = 1 << 18

  let path: String
  private let descriptor: Int32
  private var archive: OpaquePointer?
  private let memory: UnsafeMutableRawPointer
  private var capacity: Int
  /// Unread bytes stand in `start..<end` of the memory.
  private var start = 0
  private var end = 0
  private var isAtEnd = false
  /// Somebody may still write to it: its end is only where it ends now, and half a line waits.
  private let follows: Bool
  /// What stopped the reading before the end.
  private(set) var fault: CollectorError? = nil
  private(set) var bytesRead = 0
  /// The line that `next` found last, in the memory.
  private var lineStart = 0
  private var lineEnd = 0
  private(set) var hasNewline = true
  private(set) var wasCut = false

  init(_ path: String, follows: Bool = false) throws(CollectorError) {
    self.path = path
    self.follows = follows
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    capacity = Self.blockSize + Field.longestLine + 64
    unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    guard descriptor >= 0 else {
      let text = unsafe String(cString: strerror(errno))
      throw CollectorError(
        place: path, problem: text.lowercasedFirst,
        remedy: "check its name and that you may read it")
    }
    fill()
    if fault == nil, !follows, isCompressed { try openArchive() }
  }

  deinit {
    if let archive = unsafe archive { unsafe archive_read_free(archive) }
    if descriptor >= 0 { close(descriptor) }
    unsafe memory.deallocate()
  }

  // MARK: Lines

  /// Moves to the next line; false at the end of the file.
  @inline(__always) func next() -> Bool {
    wasCut = false
    while true {
      let length = end - start
      if length > 0, let newline = unsafe memchr(memory + start, 10, length) {
        let at = unsafe UnsafeRawPointer(newline) - UnsafeRawPointer(memory)
        take(start..<at, next: at + 1)
        hasNewline = true
        return true
      }
      if length > Field.longestLine {
        take(start..<start + Field.longestLine, next: start + Field.longestLine)
        skipRest()
        hasNewline = true
        return true
      }
      if isAtEnd {
        guard length > 0 else { return false }
        take(start..<end, next: end)
        hasNewline = false
        return true
      }
      refill()
      if follows, end - start == length { return false }
    }
  }

  /// The line without its line end. Good until the next `next`.
  @inline(__always) func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let bytes = unsafe UnsafeRawBufferPointer(
      start: memory + lineStart, count: lineEnd - lineStart
    ).assumingMemoryBound(to: UInt8.self)
    return body(unsafe bytes.span)
  }

  @inline(__always) private func take(_ line: Range<Int>, next: Int) {
    lineStart = line.lowerBound
    lineEnd = min(line.upperBound, lineStart + Field.longestLine)
    if lineEnd < line.upperBound { wasCut = true }
    if lineEnd > lineStart, unsafe memory.load(fromByteOffset: lineEnd - 1, as: UInt8.self) == 13 {
      lineEnd -= 1
    }
    start = next
  }

  /// Passes over the rest of a line that is longer than any log line; what was read of it is kept.
  private func skipRest() {
    wasCut = true
    let kept = lineEnd - lineStart
    unsafe memory.copyMemory(from: memory + lineStart, byteCount: kept)
    (lineStart, lineEnd) = (0, kept)
    start = end
    while true {
      (start, end) = (kept, kept)
      fill()
      if end == kept { return }
      if let newline = unsafe memchr(memory + kept, 10, end - kept) {
        start = unsafe UnsafeRawPointer(newline) - UnsafeRawPointer(memory) + 1
        return
      }
    }
  }

  // MARK: Blocks

  private func refill() {
    let rest = end - start
    unsafe memory.copyMemory(from: memory + start, byteCount: rest)
    (start, end) = (0, rest)
    fill()
  }

  private func fill() {
    let room = min(Self.blockSize, capacity - end)
    var count = 0
    if let archive = unsafe archive {
      count = unsafe archive_read_data(archive, memory + end, room)
      if count < 0 {
        let text = unsafe String(cString: archive_error_string(archive))
        stop("\(text.lowercasedFirst)", "copy the file again; what stands before it was read")
      }
    } else {
      repeat {
        count = unsafe read(descriptor, memory + end, room)
      } while count < 0 && errno == EINTR
      if count < 0 {
        let text = unsafe String(cString: strerror(errno))
        stop(text.lowercasedFirst, "name a file; what stands before it was read")
      }
    }
    if count <= 0 {
      isAtEnd = !follows
    } else {
      end += count
      bytesRead += count
    }
  }

  private func stop(_ problem: String, _ remedy: String) {
    fault = CollectorError(place: path, problem: problem, remedy: remedy)
  }

  // MARK: Following

  /// Which file it is, whatever its name is by now, and how large.
  var status: FileStatus? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    return FileStatus(status)
  }

  /// The first bytes of the file, as it is now.
  func head(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe bytes.withUnsafeMutableBytes {
      unsafe pread(descriptor, $0.baseAddress, $0.count, 0)
    }
    return Array(bytes.prefix(max(0, read)))
  }

  /// Begins again: the file was emptied in place.
  func rewind() {
    lseek(descriptor, 0, SEEK_SET)
    (start, end, bytesRead) = (0, 0, 0)
  }

  // MARK: Compressed files

  /// By the first bytes: gzip, xz, zstd, bzip2, lz4.
  private var isCompressed: Bool {
    let magics: [[UInt8]] = [
      [0x1f, 0x8b], [0xfd, 0x37, 0x7a, 0x58, 0x5a], [0x28, 0xb5, 0x2f, 0xfd], [0x42, 0x5a, 0x68],
      [0x04, 0x22, 0x4d, 0x18],
    ]
    return magics.contains { magic in
      magic.count <= end
        && magic.indices.allSatisfy {
          unsafe memory.load(fromByteOffset: $0, as: UInt8.self) == magic[$0]
        }
    }
  }

  private func openArchive() throws(CollectorError) {
    (start, end, bytesRead, isAtEnd) = (0, 0, 0, false)
    lseek(descriptor, 0, SEEK_SET)
    unsafe archive = archive_read_new()
    unsafe archive_read_support_filter_all(archive)
    unsafe archive_read_support_format_raw(archive)
    var entry: OpaquePointer? = nil
    guard unsafe archive_read_open_fd(archive, descriptor, 1 << 16) == ARCHIVE_OK,
      unsafe archive_read_next_header(archive, &entry) == ARCHIVE_OK
    else {
      let text = unsafe String(cString: archive_error_string(archive))
      throw CollectorError(
        place: path, problem: "cannot be decompressed: \(text)", remedy: "copy the file again")
    }
    fill()
  }
}

/// A file's identity and size, by its name or by its descriptor.
struct FileStatus: Equatable {
  var device, inode: UInt64
  var size: Int64
  var changed: Instant
  var isFolder: Bool

  init(_ status: stat) {
    (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    size = Int64(status.st_size)
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    changed = Instant(seconds: Int64(status.st_mtim.tv_sec))
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
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
