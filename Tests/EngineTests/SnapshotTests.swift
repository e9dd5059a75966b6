import Collectors
import Events
import Policy
import Testing

@testable import Engine

@Suite struct `The windows of all policies` {
  private func engine(_ lines: [String]) -> Engine {
    var engine = Engine(
      settings: Engine.Settings(), policies: PolicySet(directory: root + "/policies"),
      directory: Directory(), geo: Geo(), fileNames: ["mail.log"],
      classify: ReplyClassifier().classify)
    var parser = LineParser(
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    var event = LogEvent()
    for line in lines {
      let bytes = Array(line.utf8)
      if parser.parse(bytes.span, into: &event) { engine.take(event, bytes.span) }
    }
    return engine
  }

  @Test func `come back from their bytes as they were`() throws {
    var engine = engine(try sampleLines())
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
    var engine = engine(Array(try sampleLines().prefix(800)))
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
    var one = engine(lines)
    one.windows.write(to: &first)
    var two = engine(lines)
    two.windows.write(to: &second)
    #expect(first.bytes == second.bytes)
  }
}
