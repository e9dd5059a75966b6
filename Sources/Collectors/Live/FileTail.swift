package import Events

/// A log that is still written to: first what its rotated files have, then the file itself, over every way in
/// which logs are rotated. Nothing is read twice, and half a line waits for its end.
///
/// At each file's end the log's files are looked up anew, and the one read so far is found among them by its
/// inode or by how it begins: so a copy, a compressed file, and two rotations at once are all one case. Nothing
/// blocks: `advance` is false where nothing more is there now.
package final class FileTail: LiveSource {
  package let path: String
  /// The file that is being read; it may still grow unless it is compressed.
  private var source: LogSource?
  private var isCompressed = false
  /// Its end was seen: what became of it is looked at once before reading goes on.
  private var hasEnded = false
  /// Behind the last line of the files before it.
  private var last: FileCursor?
  /// A restart goes on at `last`, which is still to be found.
  private var isResuming = false
  private var memory: LogSource.Memory
  private let accounts: AccountLine?
  /// Rotated files that were last written to before this are not read at the first start.
  private let since: Instant
  /// The rotated files when they were looked up last.
  private var known: Set<UInt64> = []
  private var notes: [SourceNote] = []
  private var told: Set<String> = []
  /// Of the files before this one.
  private var earlier = SourceStatistics()
  /// What keeps the log itself from being opened.
  package private(set) var fault: CollectorError?

  /// - Parameters:
  ///   - since: rotated files that were last written to before this are left out.
  ///   - clock: for stamps without year or zone.
  ///   - form: what the log is.
  package init(path: String, since: Instant, clock: LogClock, form: LogForm = .mail) {
    self.path = path
    self.since = since
    accounts = form.accounts
    memory = LogSource.Memory(clock: clock)
  }

  /// Goes on after the cursor's line.
  package convenience init(
    path: String, resuming cursor: FileCursor, clock: LogClock, form: LogForm = .mail
  ) {
    self.init(path: path, since: .distantPast, clock: clock, form: form)
    (last, isResuming) = (cursor, true)
    memory.clock.memory = cursor.clock
    memory.failure = cursor.failure
  }

  package var event: LogEvent { source?.event ?? LogEvent() }
  package var fileName: String { source?.fileName ?? path }
  package var descriptor: Int32? { nil }

  package var statistics: SourceStatistics {
    var sum = earlier
    if let now = source?.statistics { sum.add(now) }
    return sum
  }

  /// Behind the last line read: where a file has none yet, in the file before it.
  package var cursor: SourceCursor? {
    if let source, source.position > 0 { return place(in: source).map { .file($0) } }
    return last.map { .file($0) }
  }

  package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    guard let source else { preconditionFailure("withLine is for after an advance that was true") }
    return source.withLine(body)
  }

  package func takeNotes() -> [SourceNote] {
    defer { notes.removeAll() }
    return notes
  }

  package func advance() -> Bool {
    if let source, hasEnded {
      source.noteLastChange()
      _ = lookAgain(source)
    }
    while true {
      if let source {
        if source.advance() { return true }
        if !goOn(from: source) { return false }
      } else if !openNext() {
        return false
      }
    }
  }

  // MARK: From file to file

  /// Whether there is more to read, in this file or in the next.
  private func goOn(from source: LogSource) -> Bool {
    guard let own = source.file.status, let here = place(in: source) else { return false }
    if lookAgain(source) { return true }
    hasEnded = true
    if !isCompressed, FileStatus(path: path)?.isSameFile(as: own) == true {
      fault = nil
      return false
    }
    let following = files(after: here)
    // A renamed file is written to until its writer reopens: the next one begins when it has something.
    guard isCompressed || following.contains(where: { ($0.status?.size ?? 0) > 0 }) else {
      return false
    }
    if !isCompressed, (source.file.status?.size ?? 0) > Int64(source.bytesRead) { return true }
    return begin(following)
  }

  private func openNext() -> Bool {
    guard let last else { return begin(family.files) }
    guard isResuming else { return begin(files(after: last)) }
    let files = family.files
    guard let index = last.place(in: files) else {
      // Where nothing is there yet to go on in, the file may come back.
      let younger = last.younger(files, of: path)
      guard !younger.isEmpty else { return false }
      note(
        "the file that was read up to line \(last.line) is gone: lines are missing", isAlert: true)
      return begin(younger)
    }
    return resume(in: files[index], at: last) || begin(Array(files[(index + 1)...]))
  }

  private func resume(in file: OpenFile, at place: FileCursor) -> Bool {
    var place = place
    if !file.isCompressed { place.offset = min(place.offset, Int(file.status?.size ?? 0)) }
    guard open(file, at: place), let source else { return false }
    if source.position < (last?.offset ?? 0) {
      note("is shorter than what was read of it: lines may be missing", isAlert: true)
    }
    return true
  }

  /// - Returns: whether the file was emptied since it was looked at last, and reading goes on elsewhere.
  private func lookAgain(_ source: LogSource) -> Bool {
    hasEnded = false
    if isCompressed { return false }
    if source.position == 0 {
      // Emptied before anything was read of it, it looks as before; only the copy is new.
      if LogFamily.inodes(of: path) == known { return false }
      self.source = nil
      return true
    }
    if source.file.bytes(from: 0, count: source.head.count) == source.head { return false }
    goOnInCopy(of: source)
    return true
  }

  /// copytruncate: what was written between the last look and the copy stands only in the copy.
  private func goOnInCopy(of source: LogSource) {
    guard let here = place(in: source) else { return }
    let files = family.files
    if let index = here.place(in: files) {
      leave()
      _ = open(files[index], at: here)
    } else {
      note("emptied in place, and there is no copy: lines may be missing", isAlert: true)
      source.rewind()
    }
  }

  private func place(in source: LogSource) -> FileCursor? {
    guard let status = source.file.status else { return nil }
    return FileCursor(
      device: status.device, inode: status.inode,
      head: FileCursor.Fingerprint(source.head.prefix(source.position)),
      offset: source.position, line: source.lineNumber, changed: status.changed.microseconds,
      clock: source.memory.clock.memory, failure: source.memory.failure)
  }

  private func files(after place: FileCursor) -> [OpenFile] {
    let files = family.files
    guard let index = place.place(in: files) else { return place.younger(files, of: path) }
    return Array(files[(index + 1)...])
  }

  private var family: LogFamily {
    known = LogFamily.inodes(of: path)
    let family = LogFamily(of: path, since: since, clock: memory.clock)
    let isThere = family.files.last?.path == path
    fault = family.faults.first { $0.place == path } ?? (isThere ? nil : Self.missing(path))
    for fault in family.faults { note(fault) }
    return family
  }

  private static func missing(_ path: String) -> CollectorError {
    CollectorError(
      place: path, problem: "is not there",
      remedy: "see whether syslog runs and which file it writes to")
  }

  // MARK: Opening and leaving

  /// The first of `files` that can be read.
  private func begin(_ files: [OpenFile]) -> Bool {
    for file in files {
      leave()
      if open(file, at: nil) { return true }
    }
    return false
  }

  private func open(_ file: OpenFile, at place: FileCursor?) -> Bool {
    isCompressed = file.isCompressed
    isResuming = false
    do {
      source = try LogSource(
        file, follows: !isCompressed, memory: memory, accounts: accounts,
        offset: place?.offset ?? 0, lines: place?.line ?? 0)
      return true
    } catch {
      note(error)
      return false
    }
  }

  private func leave() {
    hasEnded = false
    guard let source else { return }
    self.source = nil
    earlier.add(source.statistics)
    memory = source.memory
    if source.position > 0 { last = place(in: source) ?? last }
    if let fault = source.fault { note(fault) }
    if source.position < source.bytesRead {
      notes.append(SourceNote("\(source.fileName): its last line has no end and is left out"))
    }
  }

  private func note(_ text: String, isAlert: Bool) {
    notes.append(SourceNote("\(path): \(text)", isAlert: isAlert))
  }

  /// A fault is told once, as long as it stays the same.
  private func note(_ fault: CollectorError) {
    if told.insert(fault.description).inserted {
      notes.append(SourceNote(fault.description, isAlert: true))
    }
  }
}

extension SourceStatistics {
  fileprivate mutating func add(_ other: SourceStatistics) {
    lines += other.lines
    events += other.events
    bytes += other.bytes
    cutLines += other.cutLines
    badLines += other.badLines
    strangeLines += other.strangeLines
  }
}
