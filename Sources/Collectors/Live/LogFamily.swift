import Events

/// The files of one log as they stand at one moment: the rotated ones, oldest first, then the one under the
/// log's own name. Each is held open, since logrotate may rename it the moment after.
struct LogFamily {
  private(set) var files: [OpenFile] = []
  /// Files that cannot be opened; the log itself where it is there and may not be read.
  private(set) var faults: [CollectorError] = []

  /// - Parameters:
  ///   - since: rotated files that were last written to before this are left out.
  ///   - clock: for stamps without year or zone.
  init(of path: String, since: Instant, clock: LogClock) {
    // A rotation in the middle of the listing shows some files twice and some not at all.
    for _ in 0..<8 {
      let names = LogFiles.rotated(path)
      open(names, path, since: since)
      if names == LogFiles.rotated(path), isUnchanged { break }
    }
    files = inOrder(path, clock)
    dropCopyInProgress(path)
  }

  private mutating func open(_ rotated: [String], _ path: String, since: Instant) {
    (files, faults) = ([], [])
    // While it is compressed a file stands there twice, and the copy is not whole.
    var names = rotated.filter { name in
      !LogFiles.compressions.contains {
        name.hasSuffix($0) && rotated.contains(String(name.dropLast($0.count)))
      }
    }
    names.removeAll { (FileStatus(path: $0)?.changed ?? .distantPast) < since }
    if FileStatus(path: path) != nil { names.append(path) }
    for name in names {
      do { files.append(try OpenFile(name)) } catch { faults.append(error) }
    }
  }

  /// Whether all names still are of the files that were opened.
  private var isUnchanged: Bool {
    files.allSatisfy { file in
      guard let opened = file.status, let named = FileStatus(path: file.path) else { return false }
      return opened.isSameFile(as: named)
    }
  }

  /// Which files there are, whatever they are called: a copy has an inode of its own.
  static func inodes(of path: String) -> Set<UInt64> {
    Set(LogFiles.rotated(path).compactMap { FileStatus(path: $0)?.inode })
  }

  /// By number where all have one (`.2` before `.1`), else by the time of the first event.
  private func inOrder(_ path: String, _ clock: LogClock) -> [OpenFile] {
    let own = files.filter { $0.path == path }
    let rotated = files.filter { $0.path != path }
    let numbers = rotated.map { LogFiles.generation($0.path, of: path) }
    if !numbers.contains(nil) {
      let numbered = zip(numbers, rotated).sorted { ($0.0 ?? 0) > ($1.0 ?? 0) }
      return numbered.map(\.1) + own
    }
    let dated = rotated.map { file in
      let changed = file.status?.changed ?? .distantPast
      return (first: LogFiles.firstTime(file, clock) ?? changed, changed: changed, file: file)
    }
    let sorted = dated.sorted {
      ($0.first, $0.changed, $0.file.path) < ($1.first, $1.changed, $1.file.path)
    }
    return sorted.map(\.file) + own
  }

  /// Before logrotate empties a file in place it copies it; until then the lines stand there twice.
  private mutating func dropCopyInProgress(_ path: String) {
    guard files.count > 1, let own = files.last, own.path == path else { return }
    let copy = files[files.count - 2]
    let head = ByteStream.head(of: copy, ByteStream.longestHead)
    guard !head.isEmpty, let size = copy.status?.size, size <= own.status?.size ?? 0 else { return }
    if own.bytes(from: 0, count: head.count) == head { files.remove(at: files.count - 2) }
  }
}
