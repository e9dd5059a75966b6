import Events

/// The place after a line of a log, in a file that may meanwhile have been renamed, copied or compressed.
package struct FileCursor: Codable, Equatable, Sendable {
  var device, inode: UInt64
  /// How the file begins, however it is called or compressed.
  var head: Fingerprint
  /// Behind the line, in decompressed bytes, and the line's number.
  var offset, line: Int
  /// When the file was last written to, in microseconds since 1970: where it is gone, what is younger follows.
  var changed: Int64
  /// The clock of stamps without year or zone.
  var clock: LogClock.Memory
  /// A failed login on that line: syslog may say next no more than that it was repeated.
  var failure: [UInt8]?

  /// A file's first bytes, as their number and a hash.
  ///
  /// Some ten lines of a log: no two logs begin alike.
  struct Fingerprint: Codable, Equatable, Sendable {
    var count: Int
    var hash: UInt64

    init(_ bytes: ArraySlice<UInt8>) {
      count = bytes.count
      // FNV-1a. Source: isthe.com/chongo/tech/comp/fnv.
      hash = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Whether `file` begins so. Not while a stream reads it, where it is compressed.
    func fits(_ file: OpenFile) -> Bool {
      Fingerprint(ByteStream.head(of: file, count)[...]) == self
    }
  }

  /// Whether `status` is of the file in which the cursor was taken, if its inode has no new owner.
  func isSameFile(as status: FileStatus) -> Bool {
    (device, inode) == (status.device, status.inode)
  }

  /// Which of a log's files it stands in; nil where that file is gone.
  func place(in files: [OpenFile]) -> Int? {
    files.firstIndex { file in file.status.map(isSameFile) == true && head.fits(file) }
      ?? (head.count > 0 ? files.firstIndex(where: head.fits) : nil)
  }
}

extension FileCursor {
  /// Of `files`, those that were written to since the cursor's own; and always the one under the log's own name:
  /// what is written now stands there, also where the clock was set back.
  func younger(_ files: [OpenFile], of path: String) -> [OpenFile] {
    files.filter { file in
      guard let status = file.status else { return false }
      return file.path == path || status.changed.microseconds >= changed
    }
  }
}
