package import Events

/// The mail system's lines in the systemd journal, put into the shape that syslog gives them in a file:
/// `2026-11-24T03:46:40.076631Z host tag[pid]: message`.
///
/// Any local user may write to the journal under any name; but what the kernel knows of the writer stands there
/// too, and a line of another program is refused, counted and told (`JournalWriter`).
package final class JournalTail: LiveSource {
  package let path: String
  private let journal: Journal
  private var parser: LineParser
  private var tags = TagCache()
  private let writers: JournalWriters
  package private(set) var event = LogEvent()
  package private(set) var statistics = SourceStatistics()
  package private(set) var fault: CollectorError?
  /// The entry's line; filled anew for each.
  private var line: [UInt8] = []
  private var stamp = JournalStamp()

  private var cursorBefore: JournalCursor?
  private var earlierLines = 0
  /// The entry where the journal stands is still to be read.
  private var isAtUnread = false
  private var hasEnded = false

  private var forged = RefusedEntries()
  private var dropped = RefusedEntries()
  private var notes: [SourceNote] = []

  /// - Parameters:
  ///   - place: `system`, or a folder of journal files.
  ///   - matches: `FIELD=value`, a unit's name, or an identifier; any of them.
  ///   - since: where to begin.
  package convenience init(
    _ place: String, matches: [String], since: Instant, writers: JournalWriters
  ) throws(CollectorError) {
    try self.init(place, matches, writers)
    if since <= Instant(seconds: 0) { journal.seekToStart() } else { journal.seek(to: since) }
  }

  /// Goes on after the cursor's entry.
  package convenience init(
    _ place: String, matches: [String], resuming cursor: JournalCursor, writers: JournalWriters
  ) throws(CollectorError) {
    try self.init(place, matches, writers)
    cursorBefore = cursor
    earlierLines = cursor.line
    try find(cursor)
  }

  private init(
    _ place: String, _ matches: [String], _ writers: JournalWriters
  ) throws(CollectorError) {
    path = Self.name(of: place)
    journal = try Journal(place, matches: Self.matches(matches))
    self.writers = writers
    parser = LineParser(clock: LogClock(zone: .zero, reference: .distantFuture))
    line.reserveCapacity(4096)
  }

  /// As the settings and the snapshots call it.
  package static func name(of place: String) -> String {
    place == "system" ? "journal" : "journal \(place)"
  }

  package var fileName: String { path }
  package var descriptor: Int32? { journal.descriptor }

  package var cursor: SourceCursor? {
    if statistics.lines > 0, !isAtUnread, let entry = journal.cursor {
      return .journal(JournalCursor(entry: entry, line: earlierLines + statistics.lines))
    }
    return cursorBefore.map { .journal($0) }
  }

  package func withLine<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let bytes = line
    return body(bytes.span)
  }

  package func takeNotes() -> [SourceNote] {
    let path = path
    notes += forged.take(
      alert: {
        "\(path): lines that pass themselves off as the mail system's, written by \($0), were refused; "
          + "the log names them"
      }, detail: { "\(path): \($0) lines are forged and were refused: \($1)" })
    notes += dropped.take(
      alert: {
        "\(path): \($0) has dropped messages: lines are missing; "
          + "raise RateLimitBurst in journald.conf"
      }, detail: { "\(path): journald has dropped \($0) messages of \($1)" })
    defer { notes.removeAll() }
    return notes
  }

  package func advance() -> Bool {
    do throws(CollectorError) {
      if hasEnded { try look() }
      while try moveOn() {
        statistics.lines += 1
        if readEntry() {
          event.line = Int32(truncatingIfNeeded: earlierLines + statistics.lines)
          statistics.events += 1
          return true
        }
      }
      fault = nil
    } catch {
      fault = error
    }
    statistics.strangeLines = parser.strangeLines
    hasEnded = true
    return false
  }

  // MARK: Moving

  private func moveOn() throws(CollectorError) -> Bool {
    guard isAtUnread else { return try journal.next() }
    isAtUnread = false
    return true
  }

  /// Takes note of new and vanished files; the place may have gone with one.
  private func look() throws(CollectorError) {
    hasEnded = false
    guard journal.process() == .replaced, case .journal(let here)? = cursor else { return }
    try find(here)
  }

  private func find(_ cursor: JournalCursor) throws(CollectorError) {
    switch try journal.seek(toCursor: cursor.entry) {
    case true?: isAtUnread = false
    case false?:
      isAtUnread = true
      notes.append(gone)
    case nil: notes.append(gone)
    }
  }

  private var gone: SourceNote {
    SourceNote(
      "\(path): the entry that was read last is gone (vacuumed?): lines are missing", isAlert: true)
  }

  /// Each is an alternative to the others; and what journald says of itself.
  private static func matches(_ wanted: [String]) -> [String] {
    if wanted.isEmpty { return [] }
    let fields = wanted.map { word in
      if word.contains("=") { return word }
      return word.hasSuffix(".service") ? "_SYSTEMD_UNIT=\(word)" : "SYSLOG_IDENTIFIER=\(word)"
    }
    return fields + ["_TRANSPORT=driver"]
  }

  // MARK: An entry

  private func readEntry() -> Bool {
    line.removeAll(keepingCapacity: true)
    let time = journal.time
    (forged.now, dropped.now) = (time, time)
    stamp.append(time, to: &line)
    guard appendName("_HOSTNAME", or: "localhost") else { return false }
    let tagStart = line.count
    guard appendName("SYSLOG_IDENTIFIER", or: nil) else { return false }
    let tagEnd = line.count - 1
    let program = program(tagStart..<tagEnd)
    if case .unknown = program {
      noteDropped()
      return false
    }
    guard isGenuine(program, tagStart..<tagEnd) else { return false }
    line.removeLast()
    if let pid = journal.number("SYSLOG_PID") ?? journal.number("_PID") {
      line.append(UInt8(ascii: "["))
      line.append(contentsOf: String(pid).utf8)
      line.append(UInt8(ascii: "]"))
    }
    line.append(UInt8(ascii: ":"))
    line.append(UInt8(ascii: " "))
    guard appendMessage() else { return false }
    statistics.bytes += line.count
    let bytes = line
    return parser.parse(bytes.span, into: &event)
  }

  private func program(_ tag: Range<Int>) -> TagCache.Program {
    // No copy outlives this: the line is written on.
    let bytes = line
    return tags.tag(bytes.span, tag.lowerBound, tag.upperBound).program
  }

  /// A word and a blank; false where it is none and could be taken for more than one.
  private func appendName(_ field: StaticString, or fallback: String?) -> Bool {
    let isWord = journal.withField(field) { value in
      guard !value.isEmpty, value.count < 200 else { return false }
      for index in value.indices {
        let byte = value[index]
        if byte <= 32 || byte > 126 || byte == .colon || byte == .opening { return false }
      }
      append(value)
      return true
    }
    if isWord == nil, let fallback { line.append(contentsOf: fallback.utf8) }
    line.append(32)
    return isWord ?? (fallback != nil)
  }

  /// Control characters become `?`, as syslog writes them: a message of several lines is one.
  private func appendMessage() -> Bool {
    let start = line.count
    let isText = journal.withField("MESSAGE") { value in
      append(value.extracting(0..<min(value.count, Field.longestLine - start)))
      if value.count > Field.longestLine - start { statistics.cutLines += 1 }
      return true
    }
    for index in start..<line.count where line[index] < 32 && line[index] != 9 {
      line[index] = UInt8(ascii: "?")
    }
    return isText == true
  }

  private func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe line.append(contentsOf: $0) }
  }

  /// Whether the line is of the program that its tag names.
  private func isGenuine(_ program: TagCache.Program, _ tag: Range<Int>) -> Bool {
    let writer = JournalWriter(
      executable: journal.text("_EXE"), command: journal.text("_COMM"),
      uid: journal.number("_UID"))
    let name = String(decoding: line[tag], as: UTF8.self)
    if writers.may(writer, program, name) { return true }
    forged.add("'\(name)' from \(writer.description)", by: writer.owner)
    return false
  }

  /// `Suppressed 1234 messages from postfix@-.service`, said by journald itself.
  private func noteDropped() {
    guard journal.text("_TRANSPORT") == "driver", let message = journal.text("MESSAGE") else {
      return
    }
    let words = message.split(separator: " ")
    guard words.count >= 5, words[0] == "Suppressed", words[2] == "messages",
      let count = Int(words[1])
    else { return }
    dropped.add(String(words[4]), by: "journald", count)
  }
}

/// The place after an entry of the journal.
package struct JournalCursor: Codable, Equatable, Sendable {
  var entry: String
  /// How many entries were read up to it: what evidence names.
  var line: Int
}

/// Writes times as RFC 3339; the second is remembered from line to line.
struct JournalStamp {
  private var second = Int64.min
  private var text: [UInt8] = []

  /// `2026-11-24T03:46:40.076631Z ` with its blank.
  mutating func append(_ time: Instant, to line: inout [UInt8]) {
    if time.seconds != second {
      second = time.seconds
      text = Array(Instant(seconds: second).rfc3339(digits: 0).utf8.dropLast())
    }
    line.append(contentsOf: text)
    line.append(UInt8(ascii: "."))
    var scale: Int64 = 100_000
    let micros = time.microseconds - second * 1_000_000
    while scale > 0 {
      line.append(UInt8(48 + micros / scale % 10))
      scale /= 10
    }
    line.append(UInt8(ascii: "Z"))
    line.append(32)
  }
}
