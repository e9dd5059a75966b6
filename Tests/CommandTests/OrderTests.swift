import Actions
import Events
import Foundation
import Store
import Synchronization
import Testing

@testable import sperrwerk

/// Notes what it is asked.
private final class Watched: Actuator {
  private let asked = Mutex<[String]>([])
  var seen: [String] { asked.withLock { $0 } }

  func begin(_ standing: Standing) async throws(ActionError) {}

  func carryOut(_ order: Order, _ standing: Standing) async throws(ActionError) -> String {
    asked.withLock { $0.append("\(order.kind) \(order.subject)") }
    if order.subject.hasPrefix("bad") {
      throw ActionError(place: "here", problem: "does not go", remedy: "nothing helps")
    }
    return "seen"
  }

  func lookAgain(_ standing: Standing) async throws(ActionError) -> [String] {
    ["\(standing.accounts.count) stopped"]
  }
}

@Suite struct `Orders` {
  private func work(_ id: Int64, _ kind: Order.Kind, _ subject: String, queued: [String] = [])
    -> Work
  {
    var standing = Standing()
    if kind != .open { standing[subject] = .suspended }
    return .order(
      OrderWork(
        order: Order(id: id, caseNumber: 1, subject: subject, kind: kind), standing: standing,
        queued: queued))
  }

  /// Carries all of it out; what became of it, in order.
  private func outcomes(_ task: ActuatorTask, _ mailbox: Mailbox, _ work: [Work]) async -> [String]
  {
    let (orders, continuation) = AsyncStream.makeStream(of: Work.self)
    for one in work { continuation.yield(one) }
    continuation.finish()
    await task.run(orders)
    return mailbox.take().compactMap { input in
      switch input {
      case .outcome(let order, let isDone, let text): "\(order.id) \(isDone) \(text)"
      case .overtaken(let order): "\(order.id) overtaken"
      case .opened: nil
      case .alert(let text): "alert \(text)"
      default: "other"
      }
    }
  }

  @Test func `about one subject are carried out one after the other`() async {
    let (actuator, mailbox) = (Watched(), Mailbox())
    let task = ActuatorTask(actuator: actuator, mailbox: mailbox)
    let seen = await outcomes(
      task, mailbox, [work(1, .hold, "anna"), work(2, .suspend, "anna"), work(3, .open, "anna")])
    #expect(seen.map { $0.prefix(1) } == ["1", "2", "3"])
    // Those that a later one has overtaken need not be done any more, and nobody is told that they were.
    #expect(actuator.seen.last == "open anna")
    #expect(seen.last == "3 true seen")
  }

  /// They come while the one before is just being finished: each has one outcome, whatever the threads do.
  @Test func `about one subject are neither doubled nor lost when they come one by one`() async {
    let mailbox = Mailbox()
    let task = ActuatorTask(actuator: Watched(), mailbox: mailbox)
    let (orders, continuation) = AsyncStream.makeStream(of: Work.self)
    let worker = Task { await task.run(orders) }
    for id in 1...3000 as ClosedRange<Int64> {
      continuation.yield(work(id, .suspend, "anna"))
      for _ in 0..<id % 7 { await Task.yield() }
    }
    continuation.finish()
    await worker.value
    let seen = mailbox.take().compactMap { input -> Int64? in
      switch input {
      case .outcome(let order, _, _), .overtaken(let order): order.id
      default: nil
      }
    }
    #expect(seen == Array(1...3000))
  }

  @Test func `that fail are tried again ever more seldom`() {
    var retries = OrderRetries()
    var now = Instant(seconds: 0)
    #expect(retries.isDue(1, at: now))
    for pause in [60, 300, 900, 3600, 3600] as [Int64] {
      retries.failed(1, at: now)
      #expect(!retries.isDue(1, at: now + TimeSpan(seconds: pause - 1)))
      now = now + TimeSpan(seconds: pause)
      #expect(retries.isDue(1, at: now))
    }
    retries.forget(1)
    retries.failed(1, at: now)
    #expect(retries.isDue(1, at: now + TimeSpan(seconds: 60)))
  }

  @Test func `that fail are tried three times, and then said to have failed`() async {
    let (actuator, mailbox) = (Watched(), Mailbox())
    var task = ActuatorTask(actuator: actuator, mailbox: mailbox)
    task.pauses = [.milliseconds(1), .milliseconds(1)]
    let seen = await outcomes(
      task, mailbox, [work(1, .suspend, "bad"), work(2, .suspend, "anna")])
    #expect(seen.contains("1 false here: does not go; nothing helps"))
    #expect(seen.contains("2 true seen"))
    #expect(actuator.seen.filter { $0 == "suspend bad" }.count == 3)
  }

  @Test func `do not wait for another subject's hanging postsuper`() async throws {
    let folder = NSTemporaryDirectory() + "orders-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let hanging = folder + "/postsuper"
    try "#!/bin/sh\nsleep 60\n".write(toFile: hanging, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hanging)
    let (actuator, mailbox) = (Watched(), Mailbox())
    let desk = QueueDesk(
      queue: MailQueue(
        postsuper: hanging, postqueue: "/bin/true", configuration: nil, limit: .seconds(5)),
      store: try LedgerStore(folder + "/sperrwerk.db"), perMinute: 100, alert: { _ in })
    var task = ActuatorTask(actuator: actuator, mailbox: mailbox, desk: desk)
    task.pauses = []
    let seen = await outcomes(
      task, mailbox, [work(1, .suspend, "anna", queued: ["AB1"]), work(2, .suspend, "bernd")])
    #expect(seen.count == 2)
    #expect(seen.first == "2 true seen")
    #expect(seen.last?.hasPrefix("1 false \(hanging): did not end within") == true)
  }

  @Test func `are followed by what came into the log late`() async throws {
    let folder = NSTemporaryDirectory() + "orders-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (postsuper, mailbox) = (folder + "/postsuper", Mailbox())
    try "#!/bin/sh\ncat >> \(folder)/ids; [ -f \(folder)/ill ] && exit 1; exit 0\n".write(
      toFile: postsuper, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: postsuper)
    let desk = QueueDesk(
      queue: MailQueue(postsuper: postsuper, postqueue: "/bin/true", configuration: nil),
      store: try LedgerStore(folder + "/sperrwerk.db"), perMinute: 100, alert: { _ in })
    var task = ActuatorTask(actuator: Watched(), mailbox: mailbox, desk: desk)
    task.pauses = [.milliseconds(1)]
    var standing = Standing()
    standing["anna"] = .suspended
    let late: [Work] = [.begin(standing), .hold(["AB1", "AB2"], of: "anna")]
    #expect(await outcomes(task, mailbox, late) == [])
    #expect(try String(contentsOfFile: folder + "/ids", encoding: .utf8) == "AB1\nAB2\n")
    // Who was opened meanwhile is left alone.
    #expect(await outcomes(task, mailbox, [.hold(["AB9"], of: "bernd")]) == [])
    try "".write(toFile: folder + "/ill", atomically: true, encoding: .utf8)
    let told = await outcomes(task, mailbox, [.hold(["AB3"], of: "anna")])
    let asked = try String(contentsOfFile: folder + "/ids", encoding: .utf8)
    #expect(asked == "AB1\nAB2\nAB3\nAB3\n")
    #expect(told.count == 1)
    #expect(told[0].hasPrefix("alert queued mail of anna could not be held: postsuper"))
  }

  @Test func `that open an innocent are not done while its mail cannot be let go`() async throws {
    let folder = NSTemporaryDirectory() + "orders-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (postqueue, mailbox) = (folder + "/postqueue", Mailbox())
    // The queue answers at the third try.
    try "#!/bin/sh\necho x >> \(folder)/asked; [ $(wc -l < \(folder)/asked) -ge 3 ]\n".write(
      toFile: postqueue, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: postqueue)
    let desk = QueueDesk(
      queue: MailQueue(postsuper: "/bin/true", postqueue: postqueue, configuration: nil),
      store: try LedgerStore(folder + "/sperrwerk.db"), perMinute: 100, alert: { _ in })
    var task = ActuatorTask(actuator: Watched(), mailbox: mailbox, desk: desk)
    task.pauses = [.milliseconds(1)]
    var order = OrderWork(
      order: Order(id: 1, caseNumber: 1, subject: "anna", kind: .open), standing: Standing(),
      queued: ["AB1"])
    order.opening = .release
    let failed = await outcomes(task, mailbox, [.order(order)])
    #expect(failed.first?.hasPrefix("1 false queued mail of anna: still on hold: ") == true)
    let done = await outcomes(task, mailbox, [.order(order)])
    #expect(done == ["1 true seen; 0 messages released"])
  }

  @Test func `that are in force are looked at again, and what was wrong is told`() async {
    let (actuator, mailbox) = (Watched(), Mailbox())
    var standing = Standing()
    standing["anna"] = .suspended
    let seen = await outcomes(
      ActuatorTask(actuator: actuator, mailbox: mailbox), mailbox, [.lookAgain(standing)])
    #expect(seen == ["alert 1 stopped"])
  }
}
