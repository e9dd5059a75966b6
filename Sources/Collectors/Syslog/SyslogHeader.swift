import Events

/// The parts of a line that stand before its message; the time is read only when it is wanted.
struct SyslogHeader {
  enum Form { case rfc3339, traditional, dovecotFile, dovecotFileWithYear, exim, tai, php }

  var form: Form
  var host: Field = .absent
  var tag: Field = .absent
  var pid: Int32 = -1
  /// Where the message begins.
  var message = 0
  /// Where the stamp begins: 0, or behind `<22>`.
  var stamp = 0
}

extension SyslogHeader {
  /// - Returns: nil where the line begins with no stamp that we know.
  @inline(__always)
  init?(_ line: Span<UInt8>) {
    var start = 0
    guard line.count > 16 else { return nil }
    if line[0] == .less {
      guard let closing = line.find(.greater, from: 1, to: 6) else { return nil }
      start = closing + 1
      if line.has("1 ", at: start) { start += 2 }
      guard line.count > start + 16 else { return nil }
    }
    let first = line[start]
    if first &- 48 < 10 {
      guard line.count > start + 20, line[start + 4] == UInt8(ascii: "-"),
        line[start + 13] == .colon
      else { return nil }
      if line[start + 10] == UInt8(ascii: "T") {
        self.init(form: .rfc3339, stamp: start)
        guard let blank = line.find(.space, from: start + 19, to: min(line.count, start + 40))
        else {
          return nil
        }
        guard hostAndTag(line, blank + 1) else { return nil }
        return
      }
      guard line[start + 10] == .space else { return nil }
      self.init(form: .exim, stamp: start)
      message = start + 20
      if isDovecotDaemon(line, message) { form = .dovecotFileWithYear }
      return
    }
    if first == UInt8(ascii: "@"), line.count > start + 26, line[start + 25] == .space {
      self.init(form: .tai, stamp: start)
      message = start + 26
      return
    }
    if first == .opening {
      guard let closing = line.find(.closing, from: start + 21, to: min(line.count, start + 60)),
        line.has(" mail() on [", at: closing + 1)
      else { return nil }
      self.init(form: .php, stamp: start + 1)
      message = closing + 2
      return
    }
    // Some write the day without its blank: one byte less.
    let short = line[start + 8] == .colon ? 1 : 0
    guard line[start + 3] == .space, line[start + 9 - short] == .colon,
      line[start + 12 - short] == .colon, line[start + 15 - short] == .space
    else { return nil }
    self.init(form: .traditional, stamp: start)
    let rest = start + 16 - short
    if isDovecotDaemon(line, rest) {
      form = .dovecotFile
      message = rest
      return
    }
    guard hostAndTag(line, rest) else { return nil }
  }

  /// Dovecot's own file has its daemon's name where syslog has the host.
  @inline(__always)
  private func isDovecotDaemon(_ line: Span<UInt8>, _ start: Int) -> Bool {
    if line.has("auth-worker(", at: start) || line.has("auth(", at: start) { return true }
    var index = start
    let end = min(line.count, start + 64)
    while index < end, line[index] != .space { index += 1 }
    return index < end && line[index - 1] == .colon
      && (line.has("Info:", at: index + 1) || line.has("Warning:", at: index + 1)
        || line.has("Error:", at: index + 1) || line.has("Debug:", at: index + 1)
        || line.has("Fatal:", at: index + 1))
  }

  /// `host tag[pid]: message`, and between host and tag BusyBox's `mail.info`.
  @inline(__always)
  private mutating func hostAndTag(_ line: Span<UInt8>, _ start: Int) -> Bool {
    let end = line.count
    guard let blank = line.find(.space, from: start, to: end), blank > start else { return false }
    host = Field(start..<blank)
    return tag(line, blank + 1, end, mayBeFacility: true)
  }

  @inline(__always)
  private mutating func tag(
    _ line: Span<UInt8>, _ start: Int, _ end: Int, mayBeFacility: Bool
  ) -> Bool {
    var index = start
    while index < end {
      let byte = line[index]
      if byte == .colon || byte == .opening || byte == .space { break }
      index += 1
    }
    guard index > start, index < end else { return false }
    tag = Field(start..<index)
    if line[index] == .opening {
      index += 1
      pid = Int32(truncatingIfNeeded: line.number(at: &index, to: end) ?? -1)
      while index < end, line[index] != .closing, line[index] != .space { index += 1 }
      guard index < end, line[index] == .closing else { return false }
      index += 1
    }
    if index < end, line[index] == .colon {
      index += 1
    } else if mayBeFacility, pid < 0, index < end, line[index] == .space {
      return tag(line, index + 1, end, mayBeFacility: false)
    }
    while index < end, line[index] == .space { index += 1 }
    message = index
    return index < end
  }

  // MARK: The time

  /// Reads the stamp into `event`; false where it is no time.
  @inline(__always)
  func time(_ line: Span<UInt8>, _ clock: inout LogClock, _ event: inout LogEvent) -> Bool {
    switch form {
    case .rfc3339, .exim, .dovecotFileWithYear: return full(line, &clock, &event)
    case .traditional, .dovecotFile: return traditional(line, &clock, &event)
    case .tai: return tai(line, &event)
    case .php: return php(line, &clock, &event)
    }
  }

  /// `2026-10-05T00:00:04.318109+02:00`; `2026-10-05 00:00:04` without a zone.
  private func full(_ line: Span<UInt8>, _ clock: inout LogClock, _ event: inout LogEvent) -> Bool {
    let at = stamp
    guard let second = line.twoDigits(at: at + 17), second <= 60 else { return false }
    var index = at + 19
    var micros: Int64 = 0
    var digits: UInt8 = 0
    if index < line.count, line[index] == UInt8(ascii: ".") || line[index] == .comma {
      index += 1
      var scale: Int64 = 100_000
      while index < line.count, let digit = line.digit(line[index]) {
        micros += Int64(digit) * scale
        scale /= 10
        if digits < 6 { digits += 1 }
        index += 1
      }
    }
    if form == .rfc3339 || hasOffset(line, index) {
      if form != .rfc3339 { index += 1 }
      guard let offset = offset(line, index),
        let minute = clock.minute(line, at, offset: offset)
      else { return false }
      event.time = Instant(microseconds: (minute + Int64(second)) * 1_000_000 + micros)
    } else {
      guard let instant = local(line, second, &clock) else { return false }
      event.time = Instant(microseconds: instant.microseconds + micros)
    }
    event.timeDigits = digits
    return true
  }

  /// `Z`, `+02:00` or `+0200` as seconds; nil for anything else.
  @inline(__always) private func offset(_ line: Span<UInt8>, _ index: Int) -> Int64? {
    guard index < line.count else { return nil }
    if line[index] == UInt8(ascii: "Z") { return 0 }
    guard index + 4 < line.count,
      line[index] == UInt8(ascii: "+") || line[index] == UInt8(ascii: "-")
    else { return nil }
    let colon = line[index + 3] == .colon ? 1 : 0
    guard let hours = line.twoDigits(at: index + 1), index + 5 + colon <= line.count,
      let minutes = line.twoDigits(at: index + 3 + colon)
    else { return nil }
    let seconds = Int64(hours * 3600 + minutes * 60)
    return line[index] == UInt8(ascii: "-") ? -seconds : seconds
  }

  /// A stamp of the machine's own zone.
  private func local(_ line: Span<UInt8>, _ second: Int, _ clock: inout LogClock) -> Instant? {
    guard let century = line.twoDigits(at: stamp), let years = line.twoDigits(at: stamp + 2),
      let month = line.twoDigits(at: stamp + 5), let day = line.twoDigits(at: stamp + 8),
      let hour = line.twoDigits(at: stamp + 11), let minute = line.twoDigits(at: stamp + 14),
      month >= 1, month <= 12, day >= 1, day <= 31, hour < 24, minute < 60
    else { return nil }
    return clock.instant(century * 100 + years, month, day, hour, minute, second)
  }

  /// Exim's `log_timezone`: ` +0100` behind the time.
  private func hasOffset(_ line: Span<UInt8>, _ index: Int) -> Bool {
    guard index + 6 <= line.count, line[index] == .space else { return false }
    let sign = line[index + 1]
    return (sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"))
      && line.twoDigits(at: index + 2) != nil && line.twoDigits(at: index + 4) != nil
  }

  private func traditional(
    _ line: Span<UInt8>, _ clock: inout LogClock, _ event: inout LogEvent
  ) -> Bool {
    var at = stamp
    guard let month = Self.month(line, at) else { return false }
    // `Sep 8` for `Sep  8`.
    if line[at + 8] == .colon { at -= 1 }
    guard let ones = line.digit(line[at + 5]), let hour = line.twoDigits(at: at + 7),
      let minute = line.twoDigits(at: at + 10), let second = line.twoDigits(at: at + 13),
      hour < 24, minute < 60, second <= 60
    else { return false }
    let tens = at == stamp ? line.digit(line[at + 4]) ?? 0 : 0
    let day = Int(tens) * 10 + Int(ones)
    guard day >= 1, day <= 31 else { return false }
    event.time = clock.traditional(
      month: month, day: day, hour: hour, minute: minute, second: second)
    event.timeDigits = 0
    return true
  }

  /// `24-Nov-2026 03:15:00 UTC`; another zone's name stands for the machine's own.
  private func php(_ line: Span<UInt8>, _ clock: inout LogClock, _ event: inout LogEvent) -> Bool {
    let at = stamp
    guard let day = line.twoDigits(at: at), let month = Self.month(line, at + 3),
      let century = line.twoDigits(at: at + 7), let years = line.twoDigits(at: at + 9),
      let hour = line.twoDigits(at: at + 12), let minute = line.twoDigits(at: at + 15),
      let second = line.twoDigits(at: at + 18), day >= 1, day <= 31, hour < 24, minute < 60,
      second <= 60
    else { return false }
    let year = century * 100 + years
    if line.has(" UTC]", at: at + 20) {
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
      event.time = civil.instant()
    } else {
      event.time = clock.instant(year, month, day, hour, minute, second)
    }
    return true
  }

  private static func month(_ line: Span<UInt8>, _ at: Int) -> Int? {
    let word = UInt32(line[at]) << 16 | UInt32(line[at + 1]) << 8 | UInt32(line[at + 2])
    switch word {
    case 0x4a616e: return 1
    case 0x466562: return 2
    case 0x4d6172: return 3
    case 0x417072: return 4
    case 0x4d6179: return 5
    case 0x4a756e: return 6
    case 0x4a756c: return 7
    case 0x417567: return 8
    case 0x536570: return 9
    case 0x4f6374: return 10
    case 0x4e6f76: return 11
    case 0x446563: return 12
    default: return nil
    }
  }

  /// `@400000004c91b044077a9e94`, as multilog writes it. Source: cr.yp.to/libtai/tai64.html.
  private func tai(_ line: Span<UInt8>, _ event: inout LogEvent) -> Bool {
    var value: UInt64 = 0
    for index in stamp + 1..<stamp + 17 {
      let byte = line[index]
      let digit: UInt8 = byte &- 48 < 10 ? byte - 48 : byte &- 97 < 6 ? byte - 87 : 255
      guard digit != 255 else { return false }
      value = value << 4 | UInt64(digit)
    }
    guard value >= 1 << 62, value < 1 << 62 + 1 << 40 else { return false }
    // tai64n labels are written 10 seconds ahead of UTC, whatever leap seconds came since.
    event.time = Instant(seconds: Int64(value - 1 << 62) - 10)
    event.timeDigits = 0
    return true
  }
}
