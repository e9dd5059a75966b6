import Foundation
import Glibc
import Testing

@testable import sperrwerk

@Suite(.serialized) struct `The service's own log` {
  @Test func `ends nothing where its reader has gone`() throws {
    let service = try Guarded(dryRun: true)
    let pipe = Pipe()
    try service.start(["--dry-run"], errors: pipe.fileHandleForWriting)
    try pipe.fileHandleForWriting.close()
    try pipe.fileHandleForReading.close()
    try service.waitUntilReady()
    for _ in 0..<20 { service.spam("dora@suedlicht.example") }
    try service.wait("no case") { try service.command(["cases"]).output.contains("dora@") }
    #expect(service.end() == 0)
  }

  @Test func `changes no exit status where its reader has gone`() throws {
    let service = try Guarded(dryRun: true, more: "polcies: x")
    let pipe = Pipe()
    try service.start(errors: pipe.fileHandleForWriting)
    try pipe.fileHandleForWriting.close()
    try pipe.fileHandleForReading.close()
    #expect(service.end(0) == 65)
  }

  @Test func `keeps nobody waiting where it is full, and says later what is missing`() throws {
    let pipe = Pipe()
    var stream = LogStream(pipe.fileHandleForWriting.fileDescriptor)
    let line = String(repeating: "x", count: 5000)
    for _ in 0..<100 { stream.write(line) }
    #expect(stream.dropped > 80)
    let missing = stream.dropped
    _ = pipe.fileHandleForReading.availableData
    stream.write("again")
    #expect(stream.dropped == 0)
    try pipe.fileHandleForWriting.close()
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(
      said.hasSuffix(
        "\nsperrwerk: \(missing) lines are missing here: they could not be written\nagain\n"))
  }

  @Test func `takes a disk without room for a line that is missing`() {
    let full = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
    defer { close(full) }
    var stream = LogStream(full)
    stream.write("a")
    stream.write("b")
    #expect(stream.dropped == 2)
  }
}
