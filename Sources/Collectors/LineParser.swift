package import Events

/// Reads the lines of one log; a value for each source, since year and zone are the source's own.
package struct LineParser {
  private var tags = TagCache()
  package var clock: LogClock
  /// What the line just dismissed says of the one before it: `last message repeated 4 times`.
  package private(set) var repetitions: Int32 = 0
  /// Lines that begin with no stamp that we know.
  package private(set) var strangeLines = 0

  package init(clock: LogClock) { self.clock = clock }

  /// - Returns: whether the line is an event, which `event` then holds.
  @inline(__always)
  package mutating func parse(_ line: Span<UInt8>, into event: inout LogEvent) -> Bool {
    guard let header = SyslogHeader(line) else {
      if !line.isEmpty { strangeLines += 1 }
      return false
    }
    return parse(line, header, into: &event)
  }

  @inline(__always)
  private mutating func parse(
    _ line: Span<UInt8>, _ header: SyslogHeader, into event: inout LogEvent
  ) -> Bool {
    if header.form == .rfc3339 || header.form == .traditional {
      let tag = tags.tag(line, Int(header.tag.start), Int(header.tag.end))
      switch tag.program {
      case .unknown:
        noteRepetition(line, header)
        return false
      case .postfix(let daemon):
        if !PostfixLine.mayBeEvent(line, header.message, daemon) { return false }
      case .dovecot: if !DovecotLine.mayBeEvent(line, header.message) { return false }
      default: break
      }
      return tagged(line, header, tag, into: &event)
    }
    var found = LogEvent()
    switch header.form {
    case .dovecotFile, .dovecotFileWithYear, .tai:
      guard DovecotLine.parse(line, header.message, into: &found) else { return false }
      found.software = .dovecot
    case .php: guard ScriptLine.mail(line, header.message, into: &found) else { return false }
    default:
      guard EximLine.parse(line, EximLine.message(line, header.stamp), into: &found) else {
        return false
      }
      found.software = .exim
    }
    guard header.time(line, &clock, &found) else { return false }
    event = found
    return true
  }

  /// A line that came through syslog, by the program its tag names.
  private mutating func tagged(
    _ line: Span<UInt8>, _ header: SyslogHeader, _ tag: TagCache.Tag, into event: inout LogEvent
  ) -> Bool {
    event = LogEvent()
    switch tag.program {
    case .postfix(let daemon):
      if line.has("message repeated ", at: header.message) {
        return repeated(line, header, into: &event)
      }
      guard PostfixLine.parse(line, header.message, daemon, into: &event) else { return false }
      event.software = .postfix
      if event.service == nil, tag.service != nil {
        event.service = tag.service
      }
    case .dovecot:
      if line.has("message repeated ", at: header.message) {
        return repeated(line, header, into: &event)
      }
      guard DovecotLine.parse(line, header.message, into: &event) else { return false }
      event.software = .dovecot
    case .dovecotDaemon:
      guard
        header.pid < 0
          ? DovecotLine.parse(line, Int(header.tag.start), into: &event)
          : DovecotLine.parse(line, header.message, into: &event)
      else { return false }
      event.software = .dovecot
    case .exim:
      guard EximLine.parse(line, header.message, into: &event) else { return false }
      event.software = .exim
    case .php: guard ScriptLine.mail(line, header.message, into: &event) else { return false }
    case .unknown: return false
    }
    event.program = header.tag
    event.host = header.host
    event.pid = header.pid
    event.instance = tag.instance
    guard header.time(line, &clock, &event) else { return false }
    return true
  }

  /// The classic form, which has neither a tag nor the message: `host last message repeated 4 times`.
  private mutating func noteRepetition(_ line: Span<UInt8>, _ header: SyslogHeader) {
    guard line.has("repeated ", at: header.message),
      line.has("last message ", at: Int(header.tag.start) - 5)
    else { return }
    var index = header.message + 9
    guard let times = line.number(at: &index, to: line.count), line.has(" time", at: index) else {
      return
    }
    repetitions = Int32(clamping: times)
  }

  package mutating func takeRepetitions() -> Int32 {
    defer { repetitions = 0 }
    return repetitions
  }

  /// `message repeated 4 times: [ … ]`, where rsyslog puts the line itself in the brackets.
  private mutating func repeated(
    _ line: Span<UInt8>, _ header: SyslogHeader, into event: inout LogEvent
  ) -> Bool {
    var index = header.message + 17
    guard let times = line.number(at: &index, to: line.count), times > 0,
      line.has(" times: [", at: index)
    else { return false }
    index += 9
    while index < line.count, line[index] == .space { index += 1 }
    var inner = header
    inner.message = index
    var end = line.count
    if line[end - 1] == .closing { end -= 1 }
    guard parse(line.extracting(0..<end), inner, into: &event) else { return false }
    event.repeated = Int32(clamping: times)
    return true
  }
}
