import Collectors
import Engine
import Events
import Glibc
import Policy
import Service
import Store

/// The one owner of the engine in the live service: takes what the logs and the mailbox have, at least every
/// second, and hands out what is decided once it stands in the ledger.
///
/// It runs on a thread of its own, since it waits in poll(2).
final class EngineLoop: @unchecked Sendable {
  // Unchecked: only the thread that calls `run` touches anything but the mailbox.
  var engine: Engine
  let settings: LiveSettings
  let store: LedgerStore
  let mailbox: Mailbox
  let stops: StopTable
  let attempts: AttemptBox
  let orders: AsyncStream<Work>.Continuation
  private let tails: [FileTail]
  private let changes: AccountLog?
  private let watch: ChangeWatch
  /// Steps that the ledger has not taken yet.
  private var unwritten: [Transition] = []
  private var committed = Instant.distantPast
  private var ledgerFault: String?
  var inFlight: Set<Int64> = []
  private var lastRetry = Instant.distantPast
  private(set) var isStopping = false
  /// Postfix is told DUNNO for everybody.
  var isDry = false
  /// Nil in a dry run.
  var desk: QueueDesk?

  /// Inputs of the last two seconds are decided again after a crash: what the ledger has then is recognised.
  private static let overlap = TimeSpan(seconds: 2)

  init(
    engine: consuming Engine, settings: LiveSettings, store: LedgerStore, mailbox: Mailbox,
    stops: StopTable, attempts: AttemptBox, orders: AsyncStream<Work>.Continuation,
    tails: [FileTail], changes: AccountLog?
  ) {
    self.engine = engine
    (self.settings, self.store, self.mailbox) = (settings, store, mailbox)
    (self.stops, self.attempts, self.orders) = (stops, attempts, orders)
    (self.tails, self.changes) = (tails, changes)
    watch = ChangeWatch(files: tails.map(\.path) + [changes?.fileName].compactMap { $0 })
  }

  static var wallClock: Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  func run() throws(StoreError) {
    try warmUp()
    orders.yield(.begin(standing))
    try requeue()
    LiveLog.say("ready: \(settings.flag("dry_run") ? "dry run, nothing is touched" : "acting")")
    while !isStopping {
      wait()
      watch.drain()
      for input in mailbox.take() { take(input) }
      readLogs()
      takeAttempts()
      engine.advance(to: Self.wallClock)
      commit()
      deleteWhatIsDue()
    }
    commit()
    orders.finish()
  }

  private func wait() {
    var descriptors = [
      pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&descriptors, 2, 1000)
  }

  // MARK: At start

  /// Reads the old logs, merged by time, and follows the ledger where it has decided already.
  private func warmUp() throws(StoreError) {
    var ledger = try store.transitions()[...]
    let end = engine.settings.decidesFrom
    var merged = MergedLogs(tails)
    while let turn = merged.next() {
      let tail = tails[turn.index]
      var time = turn.time
      repeat {
        follow(&ledger, to: min(time, end))
        if time >= end { follow(&ledger, to: .distantFuture) }
        take(tail, turn.index)
        guard tail.advance() else {
          merged.finished()
          break
        }
        if time < tail.event.time { time = tail.event.time }
      } while merged.mayGoOn(turn.index, time)
    }
    follow(&ledger, to: .distantFuture)
    readLogs()
    if !isDry { stops.update(standing) }
    let lines = tails.reduce(0) { $0 + $1.statistics.lines }
    LiveLog.say("read \(lines) lines of old logs; \(engine.stopped.count) stopped")
  }

  private func follow(_ ledger: inout ArraySlice<Transition>, to time: Instant) {
    while let next = ledger.first, next.time <= time {
      engine.follow(next)
      ledger.removeFirst()
    }
  }

  /// Orders that an earlier run has not carried out.
  private func requeue() throws(StoreError) {
    for order in try store.pendingOrders() where !inFlight.contains(order.id) { hand(order) }
  }

  // MARK: Reading

  private func readLogs() {
    for (index, tail) in tails.enumerated() {
      while tail.advance() { take(tail, index) }
      for note in tail.takeNotes() { LiveLog.say(note.isAlert ? "ALERT: \(note)" : "\(note)") }
    }
    while let changes, changes.advance() {
      changes.withLine { line in
        var event = changes.event
        event.fileIndex = Int32(tails.count)
        engine.take(event, line)
      }
    }
  }

  private func take(_ tail: FileTail, _ index: Int) {
    tail.withLine { line in
      var event = tail.event
      // A clock that is ahead must not pull everything with it.
      event.time = min(event.time, Self.wallClock + TimeSpan(seconds: 5))
      event.fileIndex = Int32(index)
      engine.take(event, line)
    }
  }

  private func takeAttempts() {
    for attempt in attempts.take() { engine.attempt(attempt.login, at: Self.wallClock) }
  }

  // MARK: Deciding

  var standing: Standing {
    var standing = Standing()
    for stop in engine.stopped { standing[stop.subject] = stop.isHeld ? .held : .suspended }
    return standing
  }

  /// Writes what was decided to the ledger; only then it takes effect.
  private func commit() {
    unwritten += engine.takeTransitions()
    let now = engine.now
    guard !unwritten.isEmpty || now - committed >= TimeSpan(seconds: 1) else { return }
    do {
      let orders = try store.append(unwritten, decidedTo: now - Self.overlap)
      committed = now
      if ledgerFault != nil { LiveLog.say("the ledger takes decisions again") }
      ledgerFault = nil
      for transition in unwritten { LiveLog.say(transition) }
      if !unwritten.isEmpty, !isDry { stops.update(standing) }
      unwritten.removeAll()
      for order in orders { hand(order) }
      if now - lastRetry >= TimeSpan(seconds: 60) {
        lastRetry = now
        expire()
        try requeue()
      }
    } catch {
      if ledgerFault == nil { LiveLog.say("ALERT: nothing can be decided: \(error)") }
      ledgerFault = "\(error)"
    }
  }

  /// What is over is kept no longer than the settings say.
  private func expire() {
    do { try store.expire(before: engine.now - settings.span("keep")) } catch {
      LiveLog.say("\(error)")
    }
  }

  private func hand(_ order: Order) {
    inFlight.insert(order.id)
    orders.yield(
      .order(
        OrderWork(
          order: order, standing: standing, queued: engine.queuedIDs(of: order.subject))))
  }

  // MARK: The mailbox

  private func take(_ input: Mailbox.Input) {
    switch input {
    case .stop: isStopping = true
    case .outcome(let order, let isDone, let text):
      inFlight.remove(order.id)
      do { try store.finish(order, isDone: isDone, outcome: text) } catch {
        LiveLog.say("\(error)")
      }
      engine.outcome(isDone, of: order.caseNumber, text, at: Self.wallClock)
    case .command(let request, let actor, let reply):
      if answerQueue(request, actor: actor, reply: reply) { return }
      reply(answer(request, actor: actor))
    case .reload: LiveLog.say(reload().text)
    }
  }

  var faults: [String] { [ledgerFault].compactMap { $0 } }
  var sources: [StatusReport.Source] {
    tails.map { .init(name: $0.path, lines: $0.statistics.lines, lastEvent: nil) }
  }
  var lineCount: Int { tails.reduce(0) { $0 + $1.statistics.lines } }
}
