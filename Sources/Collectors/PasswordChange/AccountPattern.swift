import Events

/// The form of a line that says whose password was changed when, as an operator writes it:
/// `{time} {word} panel[{number}]: password changed for {account} from {address}`.
///
/// `{time}` and `{account}` stand in it once; `{address}` may, and `{word}` (no blanks) and `{number}` as often as
/// needed. The whole line must be as the pattern says. Account names are chosen by users, so what stands before
/// `{account}` is matched from the left, what stands behind it from the right, and the name is what is left: it has
/// no blanks. `x from 192.0.2.1` is then no name.
package struct AccountPattern: Sendable, Equatable {
  enum Part: Equatable, Sendable {
    case text([UInt8])
    case time, account, address, word, number
  }

  private var before: [Part] = []
  private var behind: [Part] = []

  /// - Throws: where it is no such pattern; its setting, `passwords.pattern`, is named by the caller.
  package init(_ pattern: String) throws(CollectorError) {
    func wrong(_ problem: String, _ remedy: String) -> CollectorError {
      CollectorError(place: "pattern '\(pattern)'", problem: problem, remedy: remedy)
    }
    var parts: [Part] = []
    var rest = pattern[...]
    while let opening = rest.firstIndex(of: "{") {
      if opening > rest.startIndex { parts.append(.text(Array(rest[..<opening].utf8))) }
      guard let closing = rest[opening...].firstIndex(of: "}") else {
        throw wrong("a '{' is not closed", "write {time}, {account}, {address}, {word} or {number}")
      }
      let name = rest[rest.index(after: opening)..<closing]
      guard let part = Self.named[String(name)] else {
        throw wrong(
          "there is no '{\(name)}'", "say {time}, {account}, {address}, {word} or {number}")
      }
      if parts.last.map(Self.isOpen) == true {
        throw wrong("nothing stands before '{\(name)}'", "part the two by what the log has there")
      }
      parts.append(part)
      rest = rest[rest.index(after: closing)...]
    }
    if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
    for (part, name) in [(Part.time, "{time}"), (.account, "{account}")]
    where parts.count(where: { $0 == part }) != 1 {
      throw wrong("\(name) must stand in it once", "such as '{time} {word} {account}'")
    }
    let place = parts.firstIndex(of: .account) ?? 0
    before = Array(parts[..<place])
    behind = Array(parts[(place + 1)...])
    if behind.contains(.time) {
      throw wrong("{time} stands behind {account}", "only a log that begins with the time is safe")
    }
  }

  private static let named: [String: Part] = [
    "time": .time, "account": .account, "address": .address, "word": .word, "number": .number,
  ]

  private static func isOpen(_ part: Part) -> Bool {
    if case .text = part { return false }
    return true
  }

  func match(_ line: Span<UInt8>, _ clock: inout LogClock, into event: inout LogEvent) -> Bool {
    var start = 0
    for part in before {
      guard let next = take(part, line, start, line.count, &clock, &event) else { return false }
      start = next
    }
    var end = line.count
    while end > start, line[end - 1] == .space { end -= 1 }
    for part in behind.reversed() {
      guard let next = takeLast(part, line, start, end, &event) else { return false }
      end = next
    }
    guard end > start, line.find(.space, from: start, to: end) == nil else { return false }
    event.saslLogin = Field(start..<end)
    return true
  }

  /// - Returns: behind the part that begins at `start`.
  private func take(
    _ part: Part, _ line: Span<UInt8>, _ start: Int, _ end: Int, _ clock: inout LogClock,
    _ event: inout LogEvent
  ) -> Int? {
    switch part {
    case .text(let text):
      guard start + text.count <= end,
        text.indices.allSatisfy({ line[start + $0] == text[$0] })
      else { return nil }
      return start + text.count
    case .time:
      guard let (time, next) = TimeText.read(line, start, &clock) else { return nil }
      event.time = time
      return next
    case .address:
      let next = wordEnd(line, start, end)
      guard let address = NetworkAddress(line.extracting(start..<next)) else { return nil }
      event.clientAddress = address
      return next
    case .number:
      var next = start
      while next < end, line[next] &- 48 < 10 { next += 1 }
      return next > start ? next : nil
    case .word, .account:
      let next = wordEnd(line, start, end)
      return next > start ? next : nil
    }
  }

  private func wordEnd(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var next = start
    while next < end, line[next] != .space { next += 1 }
    return next
  }

  /// - Returns: where the part begins that ends at `end`.
  private func takeLast(
    _ part: Part, _ line: Span<UInt8>, _ start: Int, _ end: Int, _ event: inout LogEvent
  ) -> Int? {
    switch part {
    case .text(let text):
      let at = end - text.count
      guard at >= start, text.indices.allSatisfy({ line[at + $0] == text[$0] }) else { return nil }
      return at
    case .number:
      var at = end
      while at > start, line[at - 1] &- 48 < 10 { at -= 1 }
      return at < end ? at : nil
    default:
      var at = end
      while at > start, line[at - 1] != .space { at -= 1 }
      guard at < end else { return nil }
      if part == .address {
        guard let address = NetworkAddress(line.extracting(at..<end)) else { return nil }
        event.clientAddress = address
      }
      return at
    }
  }
}
