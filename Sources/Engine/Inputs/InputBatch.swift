package import Events
import Foundation

/// A row of inputs as bytes: events with their lines, other inputs, and how far each source was read then.
package struct InputBatch {
  enum Kind: UInt8 { case event, tick, input, position, policies }

  private var archive = Archive()
  private let encoder = JSONEncoder()
  package private(set) var isEmpty = true

  package init() {}

  package var byteCount: Int { archive.bytes.count }

  package mutating func append(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    var event = copy event
    append(.event) { archive throws(SnapshotError) in
      try archive.keep(&event)
      archive.append(line)
    }
  }

  package mutating func append(_ input: Input) {
    if case .tick(var time) = input {
      append(.tick) { archive throws(SnapshotError) in try archive.keep(&time) }
      return
    }
    // Plain values: nothing of them cannot be encoded.
    var bytes = (try? encoder.encode(input)).map { [UInt8]($0) } ?? []
    append(.input) { archive throws(SnapshotError) in try archive.keep(&bytes) }
  }

  /// How far a source had been read after the inputs before this.
  package mutating func append(position: String, of source: String) {
    var (position, source) = (position, source)
    append(.position) { archive throws(SnapshotError) in
      try archive.keep(&source)
      try archive.keep(&position)
    }
  }

  /// From here on another set of policies decides, kept under a number.
  package mutating func append(policies number: Int) {
    var number = number
    append(.policies) { archive throws(SnapshotError) in try archive.keep(&number) }
  }

  private mutating func append(
    _ kind: Kind, _ body: (inout Archive) throws(SnapshotError) -> Void
  ) {
    var kind = kind
    isEmpty = false
    // Writing fails nowhere.
    try? archive.keep(&kind)
    try? body(&archive)
  }

  /// The bytes so far; what is appended later begins anew.
  package mutating func take() -> [UInt8] {
    defer {
      archive = Archive()
      isEmpty = true
    }
    return archive.bytes
  }
}

/// Reads what `InputBatch` wrote.
package struct InputReader {
  package enum Item {
    case event(LogEvent, [UInt8])
    case input(Input)
    case position(String, of: String)
    case policies(Int)
  }

  private var archive: Archive
  private let decoder = JSONDecoder()

  package init(_ bytes: [UInt8]) { archive = Archive(bytes) }

  /// Nil at the end.
  package mutating func next() throws(SnapshotError) -> Item? {
    if archive.isAtEnd { return nil }
    var kind = InputBatch.Kind.event
    try archive.keep(&kind)
    switch kind {
    case .event:
      var event = LogEvent()
      var line: [UInt8] = []
      try archive.keep(&event)
      try archive.keep(&line)
      return .event(event, line)
    case .tick:
      var time = Instant.distantPast
      try archive.keep(&time)
      return .input(.tick(time))
    case .input: return .input(try input())
    case .position:
      var (source, position) = ("", "")
      try archive.keep(&source)
      try archive.keep(&position)
      return .position(position, of: source)
    case .policies:
      var number = 0
      try archive.keep(&number)
      return .policies(number)
    }
  }

  private mutating func input() throws(SnapshotError) -> Input {
    var bytes: [UInt8] = []
    try archive.keep(&bytes)
    do { return try decoder.decode(Input.self, from: Data(bytes)) } catch {
      throw SnapshotError(offset: 0)
    }
  }
}
