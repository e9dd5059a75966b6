import Events
import Glibc
import Synchronization
import Testing

@testable import Service

@Suite(.serialized) struct `A website that speaks SMTP to this machine` {
  private func request(
    _ state: String = "RCPT", port: Int = 46_508, queueID: String = "", instance: String = "1.2.3",
    recipient: String = "x@y.example"
  ) -> String {
    """
    request=smtpd_access_policy
    protocol_state=\(state)
    client_address=127.0.0.1
    client_port=\(port)
    server_address=127.0.0.1
    server_port=34619
    instance=\(instance)
    recipient=\(recipient)
    queue_id=\(queueID)
    sasl_username=


    """
  }

  /// - Parameter find: who is behind a port.
  private func withServer(
    _ standing: Standing, _ find: @escaping @Sendable (Int) -> Int32?,
    _ body: (Int, AttemptBox) async throws -> Void
  ) async throws {
    let stops = StopTable()
    stops.update(standing)
    let attempts = AttemptBox()
    let server = PolicyServer(
      stops: stops, attempts: attempts, texts: .init(suspended: "stopped"),
      locals: LocalClients { client, port, serverPort in
        client == "127.0.0.1" && serverPort == 34619 ? find(port) : nil
      }, canonical: { $0 })
    let port = try await server.listen(host: "127.0.0.1", port: 0)
    try await body(port, attempts)
    await server.close()
  }

  @Test func `is refused where it is suspended, held where it is held`() async throws {
    var standing = Standing()
    standing["uid:5101"] = .suspended
    standing["uid:5102"] = .held
    let find: @Sendable (Int) -> Int32? = { [1: 5101, 2: 5102, 3: 5103][$0] }
    try await withServer(standing, find) { port, _ in
      for (client, answer) in [(1, "REJECT"), (2, "HOLD"), (3, "DUNNO"), (4, "DUNNO")] {
        let seen = Asker(port: port).ask(request(port: client))
        #expect(seen.hasPrefix("action=\(answer)"))
      }
    }
  }

  @Test func `is looked up once a connection, and later answers keep their order`() async throws {
    var standing = Standing()
    standing["uid:5101"] = .suspended
    let count = Mutex(0)
    let find: @Sendable (Int) -> Int32? = { port in
      count.withLock { $0 += 1 }
      usleep(20_000)
      return port == 1 ? 5101 : nil
    }
    try await withServer(standing, find) { port, _ in
      let postfix = Asker(port: port)
      let other = "request=smtpd_access_policy\nsasl_username=anna\nrecipient=a@b.example\n\n"
      postfix.send(request(port: 1) + other + request("DATA", port: 1))
      let answers = postfix.receive(3).split(separator: "\n").map { $0.prefix(10) }
      #expect(answers == ["action=REJ", "action=DUN", "action=REJ"])
      #expect(count.withLock { $0 } == 1)
    }
  }

  @Test func `is told as an attempt, and with its queue id once it is handed over`() async throws {
    let find: @Sendable (Int) -> Int32? = { _ in 5101 }
    try await withServer(Standing(), find) { port, attempts in
      let postfix = Asker(port: port)
      _ = postfix.ask(request(recipient: "a@y.example"))
      _ = postfix.ask(request(queueID: "AB1", recipient: "b@y.example"))
      _ = postfix.ask(request("DATA", queueID: "AB1", recipient: ""))
      _ = postfix.ask(request("END-OF-MESSAGE", queueID: "AB1", recipient: ""))
      let seen = attempts.take()
      #expect(seen.map(\.recipient) == ["a@y.example", "b@y.example", ""])
      #expect(seen.map(\.isHandedOver) == [false, false, true])
      #expect(seen.allSatisfy { $0.login == "uid:5101" })
      #expect(seen.last?.queueID == "AB1")
    }
  }

  // Rows of a real kernel, but for the uid.
  private let table = Array(
    """
      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
       6: 0100007F:B5AC 0100007F:873B 01 00000000:00000000 00:00000000 00000000  5101        0 329357 2 00000000a409c0c3 20 0 0 10 -1
       7: 0100007F:873B 0100007F:B5AC 01 00000000:00000000 00:00000000 00000000   102        0 329358 1 000000003d17f8a4 20 0 0 10 -1
       8: 0100007F:B5AD 0100007F:873B 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000000000000
       0: 0000000000000000FFFF00000100007F:B5B6 0000000000000000FFFF00000100007F:873B 01 00000000:00000000 00:00000000 00000000  5102        0 329360 2 00000000dd0f6897 20 0 0 10 -1
       2: 00000000000000000000000001000000:A89E 00000000000000000000000001000000:E05F 01 00000000:00000000 00:00000000 00000000  5103        0 329362 2 00000000ace50b09 20 0 0 10 -1

    """.utf8)

  @Test func `is found in the kernel's table while its connection stands`() {
    func uid(_ client: String, _ port: Int, _ server: Int, isMapped: Bool = false) -> Int32? {
      SocketTable.uid(
        in: table, client: client, port: port, serverPort: server, isMapped: isMapped)
    }
    #expect(uid("127.0.0.1", 46_508, 34_619) == 5101)
    #expect(uid("127.0.0.1", 46_518, 34_619, isMapped: true) == 5102)
    #expect(uid("::1", 43_166, 57_439) == 5103)
    // Another server's, one that has ended, and one that is not there.
    #expect(uid("127.0.0.1", 46_508, 25) == nil)
    #expect(uid("127.0.0.1", 46_509, 34_619) == nil)
    #expect(uid("127.0.0.2", 46_508, 34_619) == nil)
    #expect(uid("not an address", 46_508, 34_619) == nil)
  }

  @Test func `is found in this machine's own table`() async throws {
    let find: @Sendable (Int) -> Int32? = { _ in nil }
    try await withServer(Standing(), find) { port, _ in
      let client = Asker(port: port)
      let found = SocketTable.uid(client: "127.0.0.1", port: client.port, serverPort: port)
      #expect(found == Int32(bitPattern: getuid()))
    }
  }
}
