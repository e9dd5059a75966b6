import Engine
import Events
import Foundation
import Service
import Store
import Synchronization

/// Measures the live service's two promises: Postfix waits for nobody, and a line is decided at once.
struct LiveBench {
  private let folder = "/tmp/sperrwerk-bench-\(getpid())"

  func run(_ output: inout Output) async throws {
    try FileManager.default.createDirectory(
      atPath: folder + "/state", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for connections in [1, 20, 50] {
      let figures = try await policyService(connections)
      output.line("  policy service, \(connections) connections: \(figures)")
    }
    output.line("  from the line in the file to the decision: \(try await decisions())")
  }

  // MARK: The policy service

  private func policyService(_ connections: Int) async throws -> String {
    let stops = StopTable()
    var standing = Standing()
    for number in 0..<1000 { standing["stopped\(number)@nordwind.example"] = .suspended }
    stops.update(standing)
    let server = PolicyServer(
      stops: stops, attempts: AttemptBox(), texts: .init(suspended: "Sending is suspended"),
      canonical: { Engine.canonical($0) })
    let path = folder + "/policy"
    try await server.listen(path: path)
    let rounds = 40_000 / connections
    let start = MachineClock.nanoseconds
    let times = await withTaskGroup(of: [Int].self) { group in
      for number in 0..<connections {
        group.addTask {
          await withCheckedContinuation { done in
            LoopThread.start { done.resume(returning: Self.ask(path, rounds, number)) }
          }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    let seconds = Double(MachineClock.nanoseconds - start) / 1e9
    await server.close()
    let sorted = times.sorted()
    return
      "\(NumberText.grouped(Int(Double(sorted.count) / seconds))) requests/s, \(Self.spread(sorted))"
  }

  /// Asks again and again, as one smtpd does.
  private static func ask(_ path: String, _ rounds: Int, _ number: Int) -> [Int] {
    let socket = LocalSocket.connect(path) ?? -1
    defer { close(socket) }
    var times: [Int] = []
    var answer = [UInt8](repeating: 0, count: 1024)
    for round in 0..<rounds {
      let request = Array(
        """
        request=smtpd_access_policy
        protocol_state=RCPT
        protocol_name=ESMTP
        client_address=203.0.113.5
        client_name=unknown
        helo_name=[192.168.178.20]
        sender=anna@nordwind.example
        recipient=kunde@aussen.example
        recipient_count=0
        queue_id=
        instance=19ae.\(number).\(round)
        size=0
        sasl_method=PLAIN
        sasl_username=customer\(round % 5000)@nordwind.example
        encryption_protocol=TLSv1.3


        """.utf8)
      let start = MachineClock.nanoseconds
      Output.write(request, to: socket)
      if unsafe read(socket, &answer, answer.count) <= 0 { break }
      times.append(MachineClock.nanoseconds - start)
    }
    return times
  }

  // MARK: From the line to the decision

  private func decisions() async throws -> String {
    let log = folder + "/mail.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let settings = try LiveSettings(
      """
      dry_run: false
      state: \(folder)/state
      policies: \(try Replay.policyFolder(nil))
      logs: [\(log)]
      brakes: { suspensions: 100000, share: 1, least: 100000 }
      """, file: "bench")
    let store = try LedgerStore(folder + "/state/sperrwerk.db")
    let parts = try LiveParts(settings)
    let (stops, mailbox) = (StopTable(), Mailbox())
    let (orders, continuation) = AsyncStream.makeStream(of: Work.self)
    let loop = EngineLoop(
      parts: parts, settings: settings, store: store, mailbox: mailbox, stops: stops,
      attempts: AttemptBox(), orders: continuation)
    let sink = Task { for await _ in orders {} }
    LiveLog.isSilent.store(true, ordering: .relaxed)
    let handover = LoopHandover(loop)
    let times: [Int] = await withCheckedContinuation { done in
      handover.start()
      LoopThread.start { done.resume(returning: Self.write(log, stops)) }
    }
    mailbox.send(.stop)
    sink.cancel()
    return Self.spread(times.sorted())
  }

  /// Lets one account after the other be refused everywhere, and waits for each to be stopped.
  private static func write(_ log: String, _ stops: StopTable) -> [Int] {
    guard let file = FileHandle(forWritingAtPath: log) else { return [] }
    var times: [Int] = []
    var number = 0
    for account in 0..<200 {
      let login = "thief\(account)@nordwind.example"
      for _ in 0..<40 where stops.stop(of: login) == nil {
        number += 1
        file.write(Data(refusal(login, number).utf8))
        let start = MachineClock.nanoseconds
        while stops.stop(of: login) == nil, MachineClock.nanoseconds - start < 20_000_000 {}
        if stops.stop(of: login) != nil { times.append(MachineClock.nanoseconds - start) }
      }
    }
    return times
  }

  private static func refusal(_ login: String, _ number: Int) -> String {
    let id = "AB\(String(0xA0000 + number, radix: 16, uppercase: true))FB0"
    let tag = "\(MachineClock.wall.rfc3339()) mx1 postfix"
    return """
      \(tag)/submission/smtpd[1]: \(id): client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=\(login)
      \(tag)/qmgr[1]: \(id): from=<x@y.example>, size=1000, nrcpt=1 (queue active)
      \(tag)/smtp[1]: \(id): to=<o@d\(number % 9).example>, relay=mx.d\(number % 9).example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx said: 554 5.7.1 Message rejected as spam by content filter)

      """
  }

  // MARK: Figures

  private static func spread(_ sorted: [Int]) -> String {
    guard !sorted.isEmpty else { return "nothing measured" }
    func micros(_ share: Double) -> Int {
      sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / 1000
    }
    return "p50 \(micros(0.5)) us, p99 \(micros(0.99)) us (\(sorted.count) of them)"
  }
}
