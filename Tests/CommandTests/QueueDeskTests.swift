import Actions
import Events
import Foundation
import Store
import Synchronization
import Testing

@testable import sperrwerk

/// A queue of made-up messages behind the real desk and store.
private final class MadeUpQueue: Sendable {
  let folder = NSTemporaryDirectory() + "desk-" + UUID().uuidString
  let alerts = Mutex<[String]>([])
  let start = Instant(seconds: 1_795_552_800)

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try program(
      "postqueue",
      "[ \"$1\" = -i ] && { echo \"$2\" >> \(folder)/tried; exit; }; cat \(folder)/queue")
    // What it is asked stands in a file; it counts as the real one does, and lets nothing lie on hold.
    try program(
      "postsuper",
      """
      cat > \(folder)/ids; echo "$1 $(wc -l < \(folder)/ids)" >> \(folder)/asked
      [ "$1" = -h ] && exec sed -i 's/deferred/hold/' \(folder)/queue
      grep -v -F -f \(folder)/ids \(folder)/queue > \(folder)/rest; mv \(folder)/rest \(folder)/queue
      echo "postsuper: Released from hold: $(wc -l < \(folder)/ids) messages" >&2
      """)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func program(_ name: String, _ text: String) throws {
    let path = folder + "/" + name
    try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  /// - Parameter age: seconds since each arrived.
  func fill(
    _ ids: [String], age: Int64 = 60, isDelivered: Bool = false, in name: String = "hold"
  ) throws {
    let recipients = isDelivered ? "" : #"{"address": "a@b.example"}"#
    let lines = ids.map {
      #"{"queue_name": "\#(name)", "queue_id": "\#($0)", "arrival_time": \#(start.seconds - age), "#
        + #""message_size": 1, "forced_expire": false, "sender": "", "recipients": [\#(recipients)]}"#
        + "\n"
    }
    let before = (try? String(contentsOfFile: folder + "/queue", encoding: .utf8)) ?? ""
    try (before + lines.joined()).write(
      toFile: folder + "/queue", atomically: true, encoding: .utf8)
  }

  /// What postsuper was asked, such as `-H 100`.
  func asked() -> [String] {
    let text = (try? String(contentsOfFile: folder + "/asked", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  func store() throws -> LedgerStore { try LedgerStore(folder + "/sperrwerk.db") }

  func desk(_ store: LedgerStore) -> QueueDesk {
    QueueDesk(
      queue: MailQueue(
        postsuper: folder + "/postsuper", postqueue: folder + "/postqueue", configuration: nil),
      store: store, perMinute: 100,
      alert: { text in self.alerts.withLock { $0.append(text) } })
  }
}

@Suite struct `Queued mail` {
  private let anna = "anna@nordwind.example"
  private func after(_ seconds: Int64, _ queue: borrowing MadeUpQueue) -> Instant {
    queue.start + TimeSpan(seconds: seconds)
  }

  @Test func `is held when the queue shows it, and not when postsuper says so`() async throws {
    let queue = try MadeUpQueue()
    try queue.fill(["ABC1"], in: "deferred")
    let desk = queue.desk(try queue.store())
    _ = try await desk.hold(["ABC1", "GONE"], of: anna)
    // One that was on its way from one folder to the next is missed by the first try.
    try queue.fill(["ABC2"], in: "active")
    let error = await #expect(throws: ActionError.self) {
      _ = try await desk.hold(["ABC1", "ABC2"], of: anna)
    }
    #expect(error?.description.contains("1 message not on hold after postsuper") == true)
    // Where it cannot be seen the sender is stopped all the same, and the operator hears of it.
    try queue.program("postqueue", "exit 69")
    _ = try await desk.hold(["ABC1"], of: anna)
    let alert = queue.alerts.withLock(\.last)
    #expect(alert?.contains("could not be seen: postqueue: exit status 69") == true)
  }

  @Test func `is deleted too where it arrived by a clock that was ahead`() async throws {
    let queue = try MadeUpQueue()
    try queue.fill(["ABC1"], age: -3600)
    let desk = queue.desk(try queue.store())
    let deletion = LedgerStore.Deletion(
      subject: anna, ids: ["ABC1"], planned: queue.start, due: after(60, queue), actor: "uid 0",
      reason: "spam")
    #expect(await desk.plan(deletion).text.hasPrefix("1 message on hold, and deleted at "))
    await desk.turn(at: after(61, queue))
    #expect(queue.asked() == ["-h 1", "-d 1"])
    #expect(try queue.store().deletions().isEmpty)
  }

  @Test func `is let go a hundred a minute, over a restart too`() async throws {
    let queue = try MadeUpQueue()
    let ids = (100..<350).map { "ABC\($0)" }
    try queue.fill(ids)
    let reply = try await queue.desk(queue.store()).release(ids, of: anna, at: queue.start)
    #expect(reply.text == "100 messages released, 150 follow at 100 a minute")
    // Another run of the service begins no new minute.
    let again = queue.desk(try queue.store())
    for second: Int64 in [1, 30, 59] { await again.turn(at: after(second, queue)) }
    #expect(queue.asked() == ["-H 100"])
    for second: Int64 in [60, 61, 119, 121, 122, 300] { await again.turn(at: after(second, queue)) }
    #expect(queue.asked() == ["-H 100", "-H 100", "-H 50"])
    #expect(try queue.store().releaseCount() == 0)
  }

  @Test func `that is let go is tried at once`() async throws {
    let queue = try MadeUpQueue()
    try queue.fill(["AB1", "AB2"])
    let desk = queue.desk(try queue.store())
    _ = await desk.release(["AB1", "AB2"], of: anna, at: queue.start)
    let tried = try String(contentsOfFile: queue.folder + "/tried", encoding: .utf8)
    #expect(tried == "AB1\nAB2\n")
  }

  @Test func `gets a new id where it is older than a day`() async throws {
    let queue = try MadeUpQueue()
    try queue.fill(["AB1", "AB2"])
    try queue.fill(["OLD1"], age: 90_000)
    let reply = try await queue.desk(queue.store())
      .release(["AB1", "AB2", "OLD1"], of: anna, at: queue.start)
    #expect(reply.text == "3 messages released")
    #expect(queue.asked() == ["-H 2", "-r 1"])
  }

  @Test func `that was delivered while it was put on hold is dropped, not sent again`() async throws
  {
    let queue = try MadeUpQueue()
    try queue.fill(["AB1"])
    try queue.fill(["SENT1"], isDelivered: true)
    let desk = queue.desk(try queue.store())
    guard case .queue(let listing) = await desk.queue.list(["AB1", "SENT1"], of: anna, nil).data
    else {
      Issue.record("no list")
      return
    }
    #expect(listing.messages.map(\.id) == ["AB1"])
    _ = await desk.release(["AB1", "SENT1"], of: anna, at: queue.start)
    #expect(queue.asked() == ["-d 1", "-H 1"])
  }

  @Test func `is deleted when its time has come, and nothing that took its id later`() async throws
  {
    let queue = try MadeUpQueue()
    try queue.fill(["AB1", "AB2"])
    try queue.fill(["NEW3"], age: -30)
    let store = try queue.store()
    try store.plan(
      LedgerStore.Deletion(
        subject: anna, ids: ["AB1", "AB2", "NEW3"], planned: queue.start, due: after(60, queue),
        actor: "uid 0", reason: "spam"))
    let desk = queue.desk(store)
    await desk.turn(at: after(59, queue))
    #expect(queue.asked().isEmpty)
    await desk.turn(at: after(60, queue))
    #expect(queue.asked() == ["-d 2"])
    #expect(try store.deletions().isEmpty)
  }

  @Test func `that is to be deleted is put on hold until then`() async throws {
    let queue = try MadeUpQueue()
    try queue.fill(["AB1", "AB2"], in: "deferred")
    let store = try queue.store()
    let desk = queue.desk(store)
    let deletion = LedgerStore.Deletion(
      subject: anna, ids: ["AB1", "AB2"], planned: queue.start, due: after(60, queue),
      actor: "uid 0", reason: "spam")
    let reply = await desk.plan(deletion)
    #expect(reply.text.hasPrefix("2 messages on hold, and deleted at"), "\(reply.text)")
    #expect(queue.asked() == ["-h 2"])
    await desk.turn(at: after(60, queue))
    #expect(queue.asked() == ["-h 2", "-d 2"])
    #expect(await desk.plan(deletion).text.hasPrefix("nothing of \(anna) is in the queue"))
    #expect(try store.deletions().isEmpty)
  }

  @Test func `waits where postsuper fails: the operator is told once, and it is tried again`()
    async throws
  {
    let queue = try MadeUpQueue()
    try queue.fill(["AB1"])
    try queue.program("postsuper", "echo cannot >&2; exit 1")
    let store = try queue.store()
    let desk = queue.desk(store)
    _ = await desk.release(["AB1"], of: anna, at: queue.start)
    for second: Int64 in 1..<50 { await desk.turn(at: after(second, queue)) }
    let told = queue.alerts.withLock { $0 }
    #expect(told.count == 1 && told[0].contains("postsuper: cannot"))
    #expect(try store.releaseCount(of: anna) == 1)
    try queue.program("postsuper", "cat > /dev/null; echo 'Released from hold: 1 message' >&2")
    await desk.turn(at: after(61, queue))
    #expect(try store.releaseCount() == 0)
  }
}
