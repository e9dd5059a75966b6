import Collectors
import Events
import Foundation
import Testing

@Suite struct `A log that comes in two pieces` {
  static let log = Array(
    FileManager.default.contents(
      atPath: root + "/Tests/CollectorsTests/Fixtures/every-form.log") ?? Data())

  /// Every event of a log that a pipe gives in two reads.
  private func events(cutAt cut: Int) throws -> [[Int64]] {
    let pipe = Pipe()
    let writer = pipe.fileHandleForWriting
    writer.write(Data(Self.log[..<cut]))
    if cut == 0 { writer.write(Data(Self.log[..<1])) }
    let source = try LogSource(
      "/proc/self/fd/\(pipe.fileHandleForReading.fileDescriptor)",
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    writer.write(Data(Self.log[(cut == 0 ? 1 : cut)...]))
    try writer.close()
    var found: [[Int64]] = []
    while source.advance() {
      let event = source.event
      let fields = [
        event.host, event.program, event.saslLogin, event.session, event.helo, event.queueID,
        event.nextQueueID, event.envelopeSender, event.recipient, event.originalRecipient,
        event.relay, event.dsn, event.reply, event.script, event.localUser,
      ]
      found.append(
        [
          Int64(event.kind.rawValue), Int64(event.line), event.time.microseconds,
          Int64(event.repeated), Int64(event.uid), event.sizeBytes,
          Int64(event.clientAddress.hashValue),
        ] + fields.map { Int64($0.start) << 32 | Int64($0.count) })
    }
    return found
  }

  @Test func `gives the same events wherever it is cut, with every form of line`() throws {
    #expect(Self.log.count > 5000 && Self.log.count < 20_000)
    let whole = try events(cutAt: Self.log.count)
    #expect(whole.count >= 36)
    #expect(Set(whole.map { $0[0] }).count >= 9)
    for cut in 0..<Self.log.count {
      let found = try events(cutAt: cut)
      if found != whole {
        Issue.record("cut at byte \(cut)")
        break
      }
    }
  }
}
