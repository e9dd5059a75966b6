import CLibraries.Systemd
import Events
import Glibc

/// The systemd journal, through libsystemd. The one place that calls it; its pointers stay in it.
@safe final class Journal {
  private var journal: OpaquePointer?
  let path: String

  /// - Parameters:
  ///   - place: `system`, or a folder of journal files.
  ///   - matches: any of these `FIELD=value`; none is everything.
  init(_ place: String, matches: [String]) throws(CollectorError) {
    path = place
    let flags = Int32(SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM)
    let result =
      unsafe place == "system"
      ? sd_journal_open(&journal, flags) : sd_journal_open_directory(&journal, place, 0)
    guard result >= 0 else {
      throw Self.fault(place, result, "see that it is there, and let this user read it")
    }
    // Lines of the mail system are short; a longer one is cut where the reader of files would cut it.
    unsafe sd_journal_set_data_threshold(journal, Field.longestLine + 64)
    // From here on libsystemd watches for files that come and go.
    descriptor = unsafe sd_journal_get_fd(journal)
    for match in matches {
      unsafe sd_journal_add_match(journal, match, 0)
      unsafe sd_journal_add_disjunction(journal)
    }
  }

  deinit { unsafe sd_journal_close(journal) }

  private static func fault(_ place: String, _ error: Int32, _ remedy: String) -> CollectorError {
    CollectorError(
      place: place == "system" ? "journal" : place, problem: SystemFault(-error).text,
      remedy: remedy)
  }

  // MARK: Moving

  /// Whether there was another entry.
  func next() throws(CollectorError) -> Bool {
    let result = unsafe sd_journal_next(journal)
    guard result >= 0 else {
      throw Self.fault(path, result, "run 'journalctl --verify'; reading goes on behind it")
    }
    return result > 0
  }

  func seek(to time: Instant) {
    unsafe sd_journal_seek_realtime_usec(journal, UInt64(max(0, time.microseconds)))
  }

  func seekToStart() { unsafe sd_journal_seek_head(journal) }

  /// Moves to the entry of a cursor.
  /// - Returns: nil where there is none behind it either, else whether it is that entry itself.
  func seek(toCursor cursor: String) throws(CollectorError) -> Bool? {
    guard unsafe sd_journal_seek_cursor(journal, cursor) >= 0 else { return nil }
    guard try next() else { return nil }
    return unsafe sd_journal_test_cursor(journal, cursor) > 0
  }

  /// Of the entry where it stands.
  var cursor: String? {
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe sd_journal_get_cursor(journal, &text) >= 0, let text = unsafe text else {
      return nil
    }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  // MARK: Waking

  enum Change { case none, appended, replaced }

  /// Becomes readable when something was written.
  let descriptor: Int32

  /// What has happened to the files since the last call; without it new files are not seen.
  func process() -> Change {
    let result = unsafe sd_journal_process(journal)
    if result == Int32(SD_JOURNAL_INVALIDATE) { return .replaced }
    return result == Int32(SD_JOURNAL_APPEND) ? .appended : .none
  }

  // MARK: The entry

  var time: Instant {
    var microseconds: UInt64 = 0
    unsafe sd_journal_get_realtime_usec(journal, &microseconds)
    return Instant(microseconds: Int64(clamping: microseconds))
  }

  /// Shows `body` the value of a field; nil where the entry has none.
  ///
  /// - Parameter name: the field's; libsystemd makes it part of the value, with `=` behind it, which `body` does not see.
  func withField<Result>(_ name: StaticString, _ body: (Span<UInt8>) -> Result) -> Result? {
    var data: UnsafeRawPointer?
    var length = 0
    let key = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    guard unsafe sd_journal_get_data(journal, key, &data, &length) >= 0,
      let data = unsafe data, length > name.utf8CodeUnitCount
    else { return nil }
    let skipped = name.utf8CodeUnitCount + 1
    let bytes = unsafe UnsafeRawBufferPointer(start: data + skipped, count: length - skipped)
      .assumingMemoryBound(to: UInt8.self)
    return body(unsafe bytes.span)
  }

  func text(_ name: StaticString) -> String? { withField(name) { String(copying: $0) } }

  func number(_ name: StaticString) -> Int? {
    withField(name) { value in
      var at = 0
      return value.number(at: &at, to: value.count).flatMap { at == value.count ? Int($0) : nil }
    } ?? nil
  }
}
