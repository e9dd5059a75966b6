import Events
import Foundation
import Service
import Testing

@Suite(.serialized) struct `A probe of the policy service` {
  @Test func `sees what Postfix would be told, and is nobody's attempt`() async throws {
    let stops = StopTable()
    var standing = Standing()
    standing["anna@nordwind.example"] = .suspended
    standing["bernd@nordwind.example"] = .held
    stops.update(standing)
    let attempts = AttemptBox()
    let server = PolicyServer(
      stops: stops, attempts: attempts, texts: .init(suspended: "stopped"), canonical: { $0 })
    let path = NSTemporaryDirectory() + "probe-\(getpid()).sock"
    try await server.listen(path: path)
    let port = try await server.listen(host: "127.0.0.1", port: 0)
    for place in [PolicyProbe.Place.unix(path), .tcp(host: "127.0.0.1", port: port)] {
      let answers = try await PolicyProbe(place).ask(
        ["anna@nordwind.example", "clara@nordwind.example", "bernd@nordwind.example", "two\nlines"])
      #expect(answers == ["REJECT 5.7.1 stopped", "DUNNO", "HOLD held for a check", "DUNNO"])
    }
    #expect(attempts.take().isEmpty)
    await server.close()
    let error = await #expect(throws: ActionError.self) {
      _ = try await PolicyProbe(.unix(path)).ask(["anna@nordwind.example"])
    }
    #expect(error?.place == "policy service \(path)")
    #expect(error?.description.contains("see that its socket is where") == true)
  }

  @Test func `does not wait for one that never answers`() async throws {
    // A listener whose connections nobody takes.
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, length) + listen(descriptor, 8)
          + getsockname(descriptor, $0, &length)
      }
    }
    let port = Int(in_port_t(bigEndian: address.sin_port))
    let probe = PolicyProbe(.tcp(host: "127.0.0.1", port: port), limit: .milliseconds(200))
    let error = await #expect(throws: ActionError.self) { _ = try await probe.ask(["anna"]) }
    #expect(error?.problem.contains("does not answer") == true)
  }
}
