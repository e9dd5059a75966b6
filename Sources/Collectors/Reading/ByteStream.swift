import CLibraries.Archive
import Events
import Glibc

/// The bytes of one file, as they are or decompressed (gzip, xz, zstd, bzip2 and what else libarchive
/// reads as one stream), in blocks. The one place that reads files; its pointers stay in it.
@safe final class ByteStream {
  static let blockSize = 1 << 18

  let file: OpenFile
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
  /// From the file's beginning, decompressed.
  private(set) var bytesRead = 0
  /// How the file began when it was read, at most `longestHead` bytes: it may have been emptied since.
  private(set) var head: [UInt8] = []
  static let longestHead = 1024
  /// The line that `next` found last, in the memory.
  private var lineStart = 0
  private var lineEnd = 0
  private(set) var hasNewline = true
  private(set) var wasCut = false
  /// Where a line began that is longer than any log line and whose end has not come yet.
  private var cutFrom: Int?

  convenience init(_ path: String, follows: Bool = false) throws(CollectorError) {
    try self.init(OpenFile(path), follows: follows)
  }

  /// - Parameter offset: where to begin, in decompressed bytes.
  init(_ file: OpenFile, follows: Bool, from offset: Int = 0) throws(CollectorError) {
    self.file = file
    self.follows = follows
    capacity = Self.blockSize + Field.longestLine + 64
    unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    if !follows, file.isCompressed {
      lseek(file.descriptor, 0, SEEK_SET)
      try openArchive()
      skip(to: offset)
    } else {
      lseek(file.descriptor, off_t(offset), SEEK_SET)
      bytesRead = offset
      head = file.bytes(from: 0, count: min(offset, Self.longestHead))
      fill()
    }
  }

  deinit {
    if let archive = unsafe archive { unsafe archive_read_free(archive) }
    unsafe memory.deallocate()
  }

  var path: String { file.path }

  /// Where the line after the last one begins, in decompressed bytes.
  var position: Int { cutFrom ?? bytesRead - (end - start) }

  // MARK: Lines

  /// Moves to the next line; false at the end of the file.
  @inline(__always) func next() -> Bool {
    wasCut = false
    if cutFrom != nil { return skipRest() }
    while true {
      if start < end, unsafe memory.load(fromByteOffset: start, as: UInt8.self) == 0 { skipHole() }
      let length = end - start
      if length > 0, let newline = unsafe memchr(memory + start, 10, length) {
        let at = unsafe UnsafeRawPointer(newline) - UnsafeRawPointer(memory)
        take(start..<at, next: at + 1)
        hasNewline = true
        return true
      }
      if length > Field.longestLine {
        cutFrom = bytesRead - length
        take(start..<start + Field.longestLine, next: start + Field.longestLine)
        moveCutLine()
        return skipRest()
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

  /// A crash, or a writer that goes on where it was after the file was emptied, leaves a hole of zeros.
  private func skipHole() {
    while start < end, unsafe memory.load(fromByteOffset: start, as: UInt8.self) == 0 { start += 1 }
  }

  /// What is kept of an over-long line goes to the front of the memory.
  private func moveCutLine() {
    let kept = lineEnd - lineStart
    unsafe memory.copyMemory(from: memory + lineStart, byteCount: kept)
    (lineStart, lineEnd) = (0, kept)
    start = end
  }

  /// Passes over the rest of a line that is longer than any log line.
  ///
  /// - Returns: false where it has no end yet, and somebody may still write it.
  private func skipRest() -> Bool {
    let kept = lineEnd
    while true {
      (start, end) = (kept, kept)
      fill()
      if end == kept, follows { return false }
      let newline = unsafe end == kept ? nil : memchr(memory + kept, 10, end - kept)
      if end > kept, unsafe newline == nil { continue }
      if let newline = unsafe newline {
        start = unsafe UnsafeRawPointer(newline) - UnsafeRawPointer(memory) + 1
      }
      cutFrom = nil
      wasCut = true
      hasNewline = true
      return true
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
        count = unsafe read(file.descriptor, memory + end, room)
      } while count < 0 && errno == EINTR
      if count < 0 {
        stop(SystemFault().text, "name a file; what stands before it was read")
      }
    }
    if count <= 0 {
      isAtEnd = !follows
    } else {
      if head.count < Self.longestHead { keepHead(count) }
      end += count
      bytesRead += count
    }
  }

  private func keepHead(_ count: Int) {
    let wanted = min(count, Self.longestHead - head.count)
    unsafe head.append(contentsOf: UnsafeRawBufferPointer(start: memory + end, count: wanted))
  }

  private func stop(_ problem: String, _ remedy: String) {
    fault = CollectorError(place: path, problem: problem, remedy: remedy)
  }

  /// Begins again: the file was emptied in place.
  func rewind() {
    lseek(file.descriptor, 0, SEEK_SET)
    (start, end, bytesRead, cutFrom) = (0, 0, 0, nil)
    head = []
  }

  // MARK: Compressed files

  /// The first bytes, decompressed. Not while another stream reads the file.
  static func head(of file: OpenFile, _ count: Int) -> [UInt8] {
    guard file.isCompressed else { return file.bytes(from: 0, count: count) }
    let stream = try? ByteStream(file, follows: false)
    return Array((stream?.head ?? []).prefix(count))
  }

  private func skip(to offset: Int) {
    while bytesRead < offset, end > 0 {
      (start, end) = (0, 0)
      fill()
    }
    start = min(end, max(0, end - (bytesRead - offset)))
  }

  private func openArchive() throws(CollectorError) {
    unsafe archive = archive_read_new()
    unsafe archive_read_support_filter_all(archive)
    unsafe archive_read_support_format_raw(archive)
    var entry: OpaquePointer? = nil
    guard unsafe archive_read_open_fd(archive, file.descriptor, 1 << 16) == ARCHIVE_OK,
      unsafe archive_read_next_header(archive, &entry) == ARCHIVE_OK
    else {
      let text = unsafe String(cString: archive_error_string(archive))
      throw CollectorError(
        place: path, problem: "cannot be decompressed: \(text)", remedy: "copy the file again")
    }
    fill()
  }
}
