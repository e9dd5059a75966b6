import Events
import Foundation
import NIOCore
import NIOPosix
import Service
import Testing

/// A Postfix that asks: a blocking socket.
final class Asker {
  private let descriptor: Int32

  init(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    _ = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Its own.
  var port: Int {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    return Int(in_port_t(bigEndian: address.sin_port))
  }

  func send(_ text: String) { _ = unsafe Glibc.send(descriptor, text, text.utf8.count, 0) }

  /// What comes until so many answers are there, or the connection is closed.
  func receive(_ answers: Int = 1) -> String {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while text.components(separatedBy: "\n\n").count <= answers {
      let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return text + "(closed)" }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    return text
  }

  func ask(_ request: String) -> String {
    send(request)
    return receive()
  }
}

private func request(_ login: String, recipient: String = "x@y.example", instance: String = "1.2.3")
  -> String
{
  "request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=203.0.113.5\ninstance=\(instance)\nrecipient=\(recipient)\nsasl_username=\(login)\n\n"
}

private func withServer(
  _ standing: Standing, _ body: (Int, StopTable, AttemptBox, PolicyServer) async throws -> Void
) async throws {
  let stops = StopTable()
  stops.update(standing)
  let attempts = AttemptBox()
  let server = PolicyServer(
    stops: stops, attempts: attempts, texts: .init(suspended: "Sending is suspended"),
    canonical: { $0.lowercased() })
  let port = try await server.listen(host: "127.0.0.1", port: 0)
  try await body(port, stops, attempts, server)
  await server.close()
}

@Suite(.serialized) struct `The policy service` {
  static var standing: Standing {
    var standing = Standing()
    standing["anna@nordwind.example"] = .suspended
    standing["bernd@nordwind.example"] = .held
    return standing
  }

  @Test func `refuses the suspended, holds the held, and lets others pass`() async throws {
    try await withServer(Self.standing) { port, _, _, _ in
      let postfix = Asker(port: port)
      for (login, answer) in [
        ("Anna@Nordwind.example", "action=REJECT 5.7.1 Sending is suspended\n\n"),
        ("bernd@nordwind.example", "action=HOLD held for a check\n\n"),
        ("clara@nordwind.example", "action=DUNNO\n\n"), ("", "action=DUNNO\n\n"),
      ] {
        #expect(postfix.ask(request(login)) == answer)
      }
      #expect(
        postfix.ask("request=other\nsasl_username=anna@nordwind.example\n\n") == "action=DUNNO\n\n")
    }
  }

  @Test func `understands what a real Postfix asks`() async throws {
    try await withServer(Self.standing) { port, _, attempts, _ in
      let file = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
      let real = try String(contentsOfFile: file + "/Fixtures/requests.txt", encoding: .utf8)
      let asked = real.components(separatedBy: "\n\n")[0] + "\n\n"
      #expect(Asker(port: port).ask(asked) == "action=REJECT 5.7.1 Sending is suspended\n\n")
      #expect(attempts.take().map(\.login) == ["anna@nordwind.example"])
    }
  }

  @Test func `changes its mind within an open connection`() async throws {
    try await withServer(Standing()) { port, stops, _, _ in
      let postfix = Asker(port: port)
      #expect(postfix.ask(request("anna@nordwind.example")) == "action=DUNNO\n\n")
      stops.update(Self.standing)
      #expect(postfix.ask(request("anna@nordwind.example")).hasPrefix("action=REJECT"))
      stops.update(Standing())
      #expect(postfix.ask(request("anna@nordwind.example")) == "action=DUNNO\n\n")
    }
  }

  @Test func `answers requests that come in pieces, or several at once`() async throws {
    try await withServer(Self.standing) { port, _, _, _ in
      let postfix = Asker(port: port)
      let text = request("anna@nordwind.example")
      for byte in text { postfix.send(String(byte)) }
      #expect(postfix.receive().hasPrefix("action=REJECT"))
      postfix.send(text + request("clara@nordwind.example") + text)
      let answers = postfix.receive(3).components(separatedBy: "\n\n")
      #expect(answers.map { $0.prefix(10) } == ["action=REJ", "action=DUN", "action=REJ", ""])
    }
  }

  @Test(arguments: [
    "no equals sign\n\n", String(repeating: "a=b\n", count: 5000) + "\n",
    "x=" + String(repeating: "y", count: 20_000),
  ])
  func `closes on what is no request, and goes on for others`(garbage: String) async throws {
    try await withServer(Self.standing) { port, _, _, server in
      let stranger = Asker(port: port)
      stranger.send(garbage)
      #expect(stranger.receive() == "(closed)")
      #expect(Asker(port: port).ask(request("clara@nordwind.example")) == "action=DUNNO\n\n")
      #expect(server.malformed == 1)
    }
  }

  @Test func `tells of each recipient of each mail once`() async throws {
    try await withServer(Self.standing) { port, _, attempts, _ in
      let postfix = Asker(port: port)
      for recipient in ["a@y.example", "b@y.example", "a@y.example"] {
        _ = postfix.ask(request("anna@nordwind.example", recipient: recipient))
      }
      _ = postfix.ask(request("anna@nordwind.example", recipient: "a@y.example", instance: "9"))
      let seen = attempts.take()
      #expect(seen.map(\.recipient) == ["a@y.example", "b@y.example", "a@y.example"])
      #expect(seen.allSatisfy { $0.clientAddress == "203.0.113.5" })
    }
  }

  @Test func `listens on a unix socket, also where a dead one lies`() async throws {
    let path = NSTemporaryDirectory() + "sw-\(getpid()).sock"
    for _ in 0..<2 {
      let server = PolicyServer(
        stops: StopTable(), attempts: AttemptBox(), texts: .init(suspended: "x"),
        canonical: { $0 })
      try await server.listen(path: path)
      #expect(FileManager.default.fileExists(atPath: path))
      await server.close()
    }
    _ = unsafe unlink(path)
  }
}
