import Crypto
import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Web

/// A connection that sends just the bytes it is told.
private struct RawConnection {
  private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

  init(port: Int) async throws {
    channel = try await ClientBootstrap(group: House.group)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        }
      }
  }

  /// Sends one part after the other, as long as it may; then reads to the end.
  /// - Parameter heard: told when the answer begins.
  func talk(
    _ parts: [String], every pause: Duration = .zero, heard: @Sendable () -> Void = {}
  ) async -> String {
    let answer = Mutex("")
    // Cut off: that is what some tests wait for.
    try? await channel.executeThenClose { input, output in
      async let sending: Void = {
        for part in parts {
          try await output.write(ByteBuffer(string: part))
          if pause > .zero { try await Task.sleep(for: pause) }
        }
      }()
      for try await bytes in input {
        if answer.withLock({ $0.isEmpty }) { heard() }
        answer.withLock { $0 += String(buffer: bytes) }
      }
      _ = try? await sending
    }
    return answer.withLock { $0 }
  }
}

private func residentBytes() throws -> Int {
  let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
  return (Int(pages[1]) ?? 0) * 4096
}

@Suite(.serialized) struct `Abuse of the form` {
  private func house() -> House {
    var member = IncidentReport.Member(caseNumber: 7, subject: "anna@nordwind.example")
    member.stoppedAt = at(-100)
    return House([member])
  }

  @Test func `by ten thousand guessed tokens tells nothing, by its time neither`() async throws {
    let house = house()
    var site = try house.site()
    site.formBuckets = TokenBuckets(burst: 1e9, perSecond: 1e9)
    site.guessBucket = Buckets(burst: 1e9, perSecond: 1e9)
    site.steady = SteadyAnswer(pace: .milliseconds(100))
    let foreign = SymmetricKey(size: .bits256)
    let expired = house.token(7, life: 10)
    house.wait(11)
    // Garbage; a signature of somebody else's; one that was good; a good one of a case that is gone.
    let kinds: [@Sendable (Int) -> String] = [
      { _ in UUID().uuidString }, { _ in expired }, { house.token(1000 + $0) },
      { FormToken(caseNumber: $0, notice: 1, expiry: at(99_999)).text(key: foreign) },
    ]
    let before = try residentBytes()
    try await house.form(site).test(.router) { client in
      let none = try await client.execute(uri: "/r/none", method: .get)
      let times = try await withThrowingTaskGroup(of: (Int, Duration).self) { tasks in
        var times = [[Duration]](repeating: [], count: kinds.count)
        for number in 0..<10_000 {
          if number >= 200 {
            let (kind, time) = try #require(try await tasks.next())
            times[kind].append(time)
          }
          tasks.addTask {
            let kind = number % kinds.count
            let start = ContinuousClock.now
            let answer = try await client.execute(
              uri: "/r/\(kinds[kind](number))", method: number % 3 == 0 ? .post : .get,
              headers: formType, body: number % 3 == 0 ? body(["check": "x"]) : nil)
            if answer.status != .notFound || answer.text != none.text {
              Issue.record("\(answer.status) tells something about kind \(kind)")
            }
            return (kind, .now - start)
          }
        }
        for try await (kind, time) in tasks { times[kind].append(time) }
        return times
      }
      let middles = times.map { $0.sorted()[$0.count / 2] }
      let spread = middles.max()! - middles.min()!
      print("guessed tokens: medians \(middles), spread \(spread)")
      #expect(middles.min()! >= .milliseconds(100))
      #expect(spread < .milliseconds(10), "\(middles)")
    }
    #expect(house.state.withLock { $0.reported } == [])
    let grown = try residentBytes() - before
    #expect(grown < 100 << 20, "\(grown >> 20) MiB")
  }

  @Test func `is slowed down alike for all, and for one address alone`() async throws {
    let house = house()
    let site = try house.site()
    // As through a unix socket: a refusal ends the connection, and this client has but one.
    try await house.form(site).test(.router) { client in
      func ask(_ path: String, _ address: String) async throws -> HTTPResponse.Status {
        try await client.execute(
          uri: path, method: .get, headers: [HTTPField.Name("X-Forwarded-For")!: address]
        ).status
      }
      for _ in 0..<40 { _ = try await ask("/r/none", "203.0.113.9") }
      #expect(try await ask("/r/none", "203.0.113.9") == .tooManyRequests)
      #expect(try await ask("/r/\(house.token(7))", "203.0.113.9") == .tooManyRequests)
      #expect(try await ask("/r/\(house.token(7))", "203.0.113.10") == .ok)
      house.wait(2)
      #expect(try await ask("/r/\(house.token(7))", "203.0.113.9") == .ok)
    }
  }

  @Test func `by many addresses leaves the form to its customer, and is bounded`() async throws {
    let house = house()
    let site = try house.site()
    let before = try residentBytes()
    // No proxy stands before this client: that is a unix socket, whose word is believed.
    try await house.form(site).test(.router) { client in
      @Sendable func ask(_ path: String, _ address: String) async throws -> TestResponse {
        try await client.execute(
          uri: path, method: .get, headers: [HTTPField.Name("X-Forwarded-For")!: address])
      }
      let answers = try await withThrowingTaskGroup(of: TestResponse.self) { tasks in
        var answers: [HTTPResponse.Status: Set<String>] = [:]
        var counts: [HTTPResponse.Status: Int] = [:]
        for number in 0..<8000 {
          if number >= 200, let answer = try await tasks.next() {
            answers[answer.status, default: []].insert(answer.text)
            counts[answer.status, default: 0] += 1
          }
          let hex = String(number / 2, radix: 16)
          let address =
            number % 2 == 0
            ? "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)" : "2001:db8:\(hex)::1"
          tasks.addTask { try await ask("/r/guess\(number)", address) }
        }
        print("guesses of 8000 addresses: \(counts)")
        #expect(counts[.notFound] == 200)
        return answers
      }
      #expect(answers.keys.sorted { $0.code < $1.code } == [.notFound, .tooManyRequests])
      #expect(answers.values.allSatisfy { $0.count == 1 })
      #expect(try await ask("/r/\(house.token(7))", "203.0.113.10").status == .ok)
      #expect(try await ask("/r/\(house.token(7))", "2001:db8:ffff::1").status == .ok)
      #expect(try await ask("/r/none", "203.0.113.10").status == .tooManyRequests)
      house.wait(1)
      #expect(try await ask("/r/none", "203.0.113.10").status == .notFound)
    }
    let grown = try residentBytes() - before
    #expect(grown < 50 << 20, "\(grown >> 20) MiB")
  }

  @Test func `is slowed down whatever is asked for, and at the end of a connection`() async throws {
    let house = house()
    var site = try house.site()
    site.formBuckets = TokenBuckets(burst: 3, perSecond: 0.1)
    try await house.form(site).test(.live) { client in
      let port = try #require(client.port)
      for path in ["/assets/style.css", "/robots.txt", "/nothing"] {
        let status = try await client.execute(uri: path, method: .get).status
        #expect(status == (path == "/nothing" ? .notFound : .ok))
      }
      let start = ContinuousClock.now
      let ask = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
      let answer = try await RawConnection(port: port).talk([ask, ask, ask])
      #expect(answer.hasPrefix("HTTP/1.1 429") && answer.contains("Connection: close"))
      #expect(answer.hasSuffix("Bitte warten Sie eine halbe Minute.\n"))
      #expect(answer.split(separator: "HTTP/1.1").count == 1 && .now - start < .seconds(5))
    }
  }

  @Test func `by slow and by huge requests is cut off`() async throws {
    let house = house()
    var site = try house.site()
    // Ordinary requests must keep them too, on a machine that has much else to do.
    site.limits.head = .seconds(3)
    site.limits.body = .seconds(3)
    let path = "/r/\(house.token(7))"
    try await house.form(site).test(.live) { client in
      let port = try #require(client.port)
      func talk(_ parts: [String], every pause: Duration = .zero) async throws -> (String, Duration)
      {
        let start = ContinuousClock.now
        let answer = try await RawConnection(port: port).talk(parts, every: pause)
        return (answer, .now - start)
      }
      let post =
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      // Says nothing; a head drop by drop; a body drop by drop.
      for parts in [
        [], ["GET \(path) HTTP/1.1\r\n"] + (0..<200).map { "X-\($0): y\r\n" },
        [post + "Content-Length: 4000\r\n\r\n"] + Array(repeating: "a", count: 200),
      ] {
        let (answer, time) = try await talk(parts, every: .milliseconds(50))
        // All its drops would take ten seconds.
        #expect(answer.isEmpty && time < .seconds(9), "\(answer) \(time)")
      }
      let announced = try await talk([post + "Content-Length: 1000000000\r\n\r\n"]).0
      #expect(announced.hasPrefix("HTTP/1.1 413"))
      let chunk = "1000\r\n" + String(repeating: "a", count: 4096) + "\r\n"
      let chunked = try await talk(
        [post + "Transfer-Encoding: chunked\r\n\r\n"] + Array(repeating: chunk, count: 5000)
      ).0
      #expect(chunked.isEmpty || chunked.hasPrefix("HTTP/1.1 413"))
      let long = try await talk(["GET /r/\(String(repeating: "a", count: 4000)) HTTP/1.1\r\n\r\n"])
        .0
      #expect(long.hasPrefix("HTTP/1.1 414"))
      let heads = (0..<100).map { "X-\($0): y\r\n" }.joined()
      let many = try await talk(["GET /r/none HTTP/1.1\r\n\(heads)\r\n"]).0
      #expect(!many.contains("200 OK") && !many.contains("404"))
      let alive = try await talk(["GET \(path) HTTP/1.1\r\nConnection: close\r\n\r\n"]).0
      #expect(alive.hasPrefix("HTTP/1.1 200"))
    }
    #expect(house.state.withLock { $0.reported } == [])
  }

  @Test(.timeLimit(.minutes(1)))
  func `by a body that comes after the answer, and then by nothing, is cut off`() async throws {
    let house = house()
    var site = try house.site()
    site.limits.head = .seconds(3)
    site.limits.body = .seconds(50)
    try await house.form(site).test(.live) { client in
      let port = try #require(client.port)
      let start = ContinuousClock.now
      let head = "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
      let answer = try await RawConnection(port: port).talk(
        [head, "0123456789"], every: .milliseconds(100))
      #expect(answer.hasPrefix("HTTP/1.1 404") && .now - start < .seconds(25))
    }
  }

  @Test func `by a request behind one that is being answered does not cut that off`() async throws {
    let house = house()
    var site = try house.site()
    site.limits.head = .seconds(2)
    // A refusal takes its time.
    site.steady = SteadyAnswer(pace: .milliseconds(2500))
    try await house.form(site).test(.live) { client in
      let port = try #require(client.port)
      let ask = "GET /r/none HTTP/1.1\r\nHost: x\r\n\r\n"
      let answer = try await RawConnection(port: port).talk([ask + ask + ask])
      #expect(answer.components(separatedBy: "HTTP/1.1 404").count == 4)
    }
  }

  @Test(arguments: [("192.0.2.2", ""), ("127.0.0.1", "HTTP/1.1 200 OK")])
  func `past the proxy, where there is no TLS, is not even heard`(proxy: String, answer: String)
    async throws
  {
    let site = try house().site {
      $0.form = try? WebSettings.Place("0.0.0.0:0", setting: "web.listen")
      $0.proxies = [AddressRange(proxy)!]
    }
    try await house().form(site).test(.live) { client in
      let port = try #require(client.port)
      let given = try await RawConnection(port: port).talk([
        "GET /robots.txt HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.2\r\n"
          + "Connection: close\r\n\r\n"
      ])
      #expect(given.split(separator: "\r\n").first ?? "" == answer)
    }
  }

  @Test func `by many connections leaves room for others`() async throws {
    let house = house()
    var site = try house.site { $0.proxies = [AddressRange("127.0.0.1")!] }
    site.limits.connections = 3
    // The client's own address is no proxy here.
    site.settings.proxies = []
    let limited = site
    try await house.form(limited).test(.live) { client in
      let port = try #require(client.port)
      _ = try await client.execute(uri: "/r/none", method: .get)
      let (answers, answer) = AsyncStream.makeStream(of: Void.self)
      let request = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
      async let first = RawConnection(port: port).talk([request]) { answer.yield() }
      await answers.first { _ in true }
      async let second = RawConnection(port: port).talk([request]) { answer.yield() }
      await answers.first { _ in true }
      // With the client's own there are three: those beyond are closed at once, unanswered.
      let start = ContinuousClock.now
      #expect(try await RawConnection(port: port).talk(["GET / HTTP/1.1\r\n\r\n"]) == "")
      // Not cut off like one that says nothing, after ten.
      #expect(.now - start < .seconds(8))
      #expect(try await client.execute(uri: "/r/\(house.token(7))", method: .get).status == .ok)
      _ = try await (first, second)
    }
  }

  @Test func `by injected headers changes nothing`() async throws {
    let house = house()
    try await house.form(house.site()).test(.live) { client in
      let port = try #require(client.port)
      for path in [
        "/r/x%0d%0aSet-Cookie:%20a=b", "/r/\(house.token(7))%0d%0aX: y", "/r/../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd", "//evil.example/r/x", "http://evil.example/r/x",
      ] {
        let answer = try await RawConnection(port: port).talk([
          "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n"
        ])
        #expect(answer.hasPrefix("HTTP/1.1 404") || answer.hasPrefix("HTTP/1.1 400"), "\(path)")
        #expect(!answer.lowercased().contains("set-cookie"))
      }
    }
  }
}
