import Events

/// Which script of a website made a message: the only way to tell websites apart that share a uid.
enum ScriptLine {
  /// What cleanup says of a header that `header_checks` lets through with INFO or WARN:
  /// `header X-PHP-Originating-Script: 5101:mailer.php from local; from=<web@example.net>`.
  /// - Parameter start: at `info:` or `warning:`.
  static func header(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    let name: StaticString = ": header X-PHP-Originating-Script: "
    guard let colon = line.find(.colon, from: start, to: start + 10), line.has(name, at: colon)
    else { return false }
    let value = colon + name.utf8CodeUnitCount
    // A stranger who speaks SMTP may send the header too; only what the host itself hands over counts,
    // and that has no protocol.
    guard let end = line.findLast(" from local; from=<", from: value, to: line.count),
      line.find(" proto=", from: value, to: line.count) == nil
    else { return false }
    var index = value
    if let uid = line.number(at: &index, to: end), index < end, line[index] == .colon {
      event.uid = Int32(truncatingIfNeeded: uid)
      index += 1
    } else {
      index = value
    }
    guard index < end else { return false }
    event.kind = .script
    event.script = Field(index..<end)
    return true
  }

  /// PHP's own `mail.log`: `mail() on [/srv/shop/mailer.php:12]: To: kunde@example.net -- Headers: …`.
  static func mail(_ line: Span<UInt8>, _ start: Int, into event: inout LogEvent) -> Bool {
    guard line.has("mail() on [", at: start),
      let close = line.find("]: To:", from: start + 11, to: line.count)
    else { return false }
    var end = close
    while end > start + 11, line.digit(line[end - 1]) != nil { end -= 1 }
    if end > start + 11, line[end - 1] == .colon { end -= 1 } else { end = close }
    guard end > start + 11 else { return false }
    event.kind = .script
    event.service = .pickup
    event.script = Field(start + 11..<end)
    return true
  }
}
