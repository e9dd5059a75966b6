import Collectors
import Events
import Testing

@testable import Engine

@Suite struct `The windows of all policies` {
  private func engine(_ lines: [String]) -> Engine {
    var engine = freshEngine()
    Lines().feed(lines, to: &engine)
    return engine
  }

  @Test func `come back from their bytes as they were`() throws {
    let engine = engine(try sampleLines())
    var first = SnapshotWriter()
    engine.windows.write(to: &first)
    var other = self.engine([])
    var reader = SnapshotReader(first.bytes)
    try other.windows.read(from: &reader)
    #expect(reader.isAtEnd)
    var second = SnapshotWriter()
    other.windows.write(to: &second)
    #expect(first.bytes == second.bytes)
  }

  @Test func `refuse bytes that are cut`() throws {
    let engine = engine(Array(try sampleLines().prefix(800)))
    var writer = SnapshotWriter()
    engine.windows.write(to: &writer)
    for length in stride(from: 0, to: writer.bytes.count - 1, by: writer.bytes.count / 50 + 1) {
      var other = self.engine([])
      var reader = SnapshotReader(Array(writer.bytes.prefix(length)))
      #expect(throws: SnapshotError.self) { try other.windows.read(from: &reader) }
    }
  }

  @Test func `are the same in every run`() throws {
    let lines = try sampleLines()
    var first = SnapshotWriter()
    var second = SnapshotWriter()
    let one = engine(lines)
    one.windows.write(to: &first)
    let two = engine(lines)
    two.windows.write(to: &second)
    #expect(first.bytes == second.bytes)
  }
}

@Suite struct `An engine that comes back from its bytes` {
  private struct Read {
    var event: LogEvent
    var line: [UInt8]
  }

  private func engine() -> Engine {
    freshEngine(accounts: "account,customer,reseller\ndora@suedlicht.example,suedlicht,r1\n")
  }

  private func inputs() throws -> [Read] {
    var parser = LineParser(
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    var event = LogEvent()
    return try sampleLines().enumerated().compactMap { number, line in
      let bytes = Array(line.utf8)
      guard parser.parse(bytes.span, into: &event) else { return nil }
      event.line = Int32(number + 1)
      return Read(event: event, line: bytes)
    }
  }

  @Test func `decides as if it had never stopped`() throws {
    let inputs = try inputs()
    var whole = engine()
    for input in inputs { whole.take(input.event, input.line.span) }
    whole.finish()
    #expect(whole.transitions.count > 3)
    for cut in stride(from: 1, to: inputs.count, by: inputs.count / 12) {
      var first = engine()
      for input in inputs[..<cut] { first.take(input.event, input.line.span) }
      let bytes = first.snapshot()
      var second = engine()
      try second.restore(bytes)
      #expect(second.snapshot() == bytes)
      for input in inputs[cut...] { second.take(input.event, input.line.span) }
      second.finish()
      #expect(first.transitions + second.transitions == whole.transitions, "cut at \(cut)")
    }
  }

  @Test func `refuses bytes that are cut or another version's`() throws {
    var engine = engine()
    for input in try inputs().prefix(500) { engine.take(input.event, input.line.span) }
    var bytes = engine.snapshot()
    for length in stride(from: 0, to: bytes.count - 1, by: bytes.count / 60 + 1) {
      var other = self.engine()
      #expect(throws: SnapshotError.self) { try other.restore(Array(bytes.prefix(length))) }
    }
    bytes[0] &+= 1
    var other = self.engine()
    #expect(throws: SnapshotError.self) { try other.restore(bytes) }
  }

  @Test func `decides the same on what was recorded of its inputs`() throws {
    let inputs = try inputs()
    var live = engine()
    var batch = InputBatch()
    for (number, input) in inputs.enumerated() {
      batch.append(input.event, input.line.span)
      live.take(input.event, input.line.span)
      let extra: [Input] =
        number % 400 == 399
        ? [
          .tick(live.now + TimeSpan(seconds: 1)),
          .order(
            .suspend, subject: "anna@nordwind.example", reason: "asked", actor: "uid 0",
            at: live.now),
          .outcome(
            order: 7, caseNumber: 1, kind: .suspend, isDone: true, text: "seen", at: live.now),
          .pause(false, reason: "over", actor: "uid 0", at: live.now),
          .attempt(
            .init(
              subject: "anna@nordwind.example", address: "198.51.100.\(number % 200)",
              recipient: "x@y.example"), at: live.now),
          .attempt(
            .init(
              subject: "uid:5101", address: "127.0.0.1", recipient: "", queueID: "AB\(number)FB0"),
            at: live.now),
          .alert("a table was changed", at: live.now),
        ] : []
      for input in extra {
        batch.append(input)
        live.take(input)
      }
    }
    var again = engine()
    var reader = InputReader(batch.take())
    while let item = try reader.next() {
      switch item {
      case .event(let event, let line): again.take(event, line.span)
      case .input(let input): again.take(input)
      case .position, .policies: Issue.record("none was written")
      }
    }
    #expect(again.transitions == live.transitions)
    #expect(again.snapshot() == live.snapshot())
    var later = engine()
    try later.restore(live.snapshot())
    #expect(later.snapshot() == live.snapshot())
    #expect(!later.tries(of: "anna@nordwind.example").isEmpty)
  }
}
