import Collectors
import Dispatch
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
final class EngineLoop {
  var engine: Engine
  var deciding: Deciding
  var settings: LiveSettings
  let parts: LiveParts
  let store: LedgerStore
  let mailbox: Mailbox
  let stops: StopTable
  let attempts: AttemptBox
  let orders: AsyncStream<Work>.Continuation

  var sources: [LogFollower] = []
  var clock: EngineClock
  let startedAt = MachineClock.wall
  /// Where this start had to read old logs: what came before decided nothing.
  var decidesFrom: Instant?
  var journal: InputJournal?
  var recording: Recording?
  /// The number under which `deciding` is kept.
  var policiesNumber = 0
  var snapshots = SnapshotPace()
  /// Entered while one is on its way to the disk.
  let snapshotWriting = DispatchGroup()
  private var watch: ChangeWatch?
  private var ticked = Instant.distantPast
  /// There was more to read than one turn takes.
  private var isBehind = false
  /// Attempts that came while their place was full.
  private(set) var uncounted = 0
  /// Attempts that found no room, as the operator was told last.
  private var toldDropped = (count: 0, time: Instant.distantPast)

  // What waits for the ledger.
  var unwritten: [Transition] = []
  var finished: [FinishedOrder] = []
  var replies: [PendingReply] = []
  var committed = Instant.distantPast
  var lastRetry = Instant.distantPast
  var lastLook = Instant.distantPast
  var stragglers: [Stragglers] = []
  var stateFault: String?
  var queue = QueueState()
  var freshness: Freshness
  /// Called where somebody was suspended, or says that the passwords are renewed.
  var askForPasswords: () -> Void = {}
  var askedFor: Set<String> = []
  var toldAhead = Instant.distantPast
  /// Called where an operator wants the queue, the passwords and the directory looked at now.
  var onPoll: () -> Void = {}
  /// Called where all files have been read anew.
  var onReload: (LiveSettings) -> Void = { _ in }
  var inFlight: Set<Int64> = []
  /// Those of them that change somebody's sending.
  var changing: Set<Int64> = []
  var retries = OrderRetries()
  private(set) var isStopping = false
  /// When each source's newest event happened, by its index.
  private var lastEvents: [Instant] = []
  /// Nil in a dry run.
  var desk: QueueDesk?
  var manager = ServiceManager()
  /// Whom the policy service goes on stopping until all else has been opened.
  var reopening: [String: Standing.Stop] = [:]
  /// Nil where customers are not told.
  var notices: NoticeDesk?
  /// What the log has told of notices and the ledger has not taken yet.
  var unnoted: [NoticeWatch.Seen] = []

  /// Postfix is told DUNNO for everybody.
  var isDry: Bool { settings.flag("dry_run") }

  init(
    parts: LiveParts, settings: LiveSettings, store: LedgerStore, mailbox: Mailbox,
    stops: StopTable, attempts: AttemptBox, orders: AsyncStream<Work>.Continuation
  ) {
    (self.parts, self.settings, self.store) = (parts, settings, store)
    (self.mailbox, self.stops, self.attempts) = (mailbox, stops, attempts)
    self.orders = orders
    deciding = parts.deciding
    engine = parts.deciding.engine(parts.geo, fileNames: [])
    clock = EngineClock(wall: MachineClock.wall, steady: MachineClock.steady)
    freshness = Freshness(settings.freshness)
  }

  func run() throws {
    // Who waits for orders waits no longer, also where the start failed.
    defer {
      orders.finish()
      notices?.orders.finish()
    }
    try start()
    watch = ChangeWatch(files: sources.filter { $0.log.descriptor == nil }.map(\.path))
    orders.yield(.begin(standing))
    try requeue()
    awaitStragglersAgain()
    notices?.orders.yield(.begin)
    LiveLog.say("ready: \(isDry ? "dry run, nothing is touched" : "acting")")
    manager.ready()
    while !isStopping {
      wait()
      turn()
      manager.turned(statusLine)
    }
    LiveLog.say("stopping: what is decided is written down")
    manager.stopping()
    commit()
    try snapshotAtEnd()
    LiveLog.say("stopped")
  }

  func turn() {
    watch?.drain()
    if let stepped = clock.look(wall: MachineClock.wall, steady: MachineClock.steady) {
      Alerts.raise(
        "the machine's clock was stepped by \(stepped.seconds) s; this service goes on with its own time, and "
          + "comes back to the machine's by and by; see that time synchronisation runs")
    }
    for input in mailbox.take() { take(input) }
    if !isFull { readLogs() }
    takeAttempts()
    if !isStuck, clock.now - ticked >= TimeSpan(microseconds: 200_000) {
      ticked = clock.now
      feed(.tick(clock.now))
    }
    commit()
    noteSeen()
    watchSources()
    ringForPasswords()
    lookAgainWhenDue()
    holdStragglers()
    snapshotIfDue()
  }

  func wait() {
    var wakers = [mailbox.descriptor]
    // While the disk takes nothing the logs wait where they are, and have nobody to wake.
    if !isStuck { wakers += [watch?.descriptor ?? -1] + sources.compactMap(\.log.descriptor) }
    var descriptors = wakers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    _ = unsafe poll(&descriptors, nfds_t(descriptors.count), isBehind && !isStuck ? 0 : 1000)
  }

  // MARK: Inputs

  /// The one way into the engine for all that stands in no log.
  /// - Returns: why an operator's word cannot be followed.
  @discardableResult func feed(_ input: Input) -> String? {
    journal?.append(input)
    return engine.take(input)
  }

  /// The one way into the engine for a log's line.
  func feed(_ event: consuming LogEvent, _ line: Span<UInt8>, from index: Int32) {
    if isAhead(event) { return tellAhead(event, from: index) }
    event.time = clock.time(of: event.time)
    event.fileIndex = index
    let place = Int(index)
    while lastEvents.count <= place { lastEvents.append(.distantPast) }
    lastEvents[place] = event.time
    journal?.append(event, line)
    engine.take(event, line)
    watchNotices(event, line)
  }

  private var isFull: Bool { journal?.isFull == true }
  /// The disk takes nothing, and no more is kept in memory.
  var isStuck: Bool { journal?.isStuck == true }

  /// Once an hour at most.
  private func tellDropped() {
    let lost = attempts.dropped - toldDropped.count
    guard lost > 0, clock.now - toldDropped.time >= TimeSpan(seconds: 3600) else { return }
    toldDropped = (attempts.dropped, clock.now)
    Alerts.raise("\(lost) attempts to send were not counted: more came at once than find room")
  }

  /// What cannot be written down is not counted either, and nobody sends it once more.
  private func takeAttempts() {
    let taken = attempts.take()
    if isStuck {
      uncounted += taken.count
      return
    }
    if uncounted > 0 {
      Alerts.raise("\(uncounted) attempts to send were not counted while the disk took nothing")
      uncounted = 0
    }
    tellDropped()
    for attempt in taken { feed(.attempt(Engine.Attempt(attempt), at: clock.now)) }
  }

  private func readLogs() {
    isBehind = false
    for source in sources {
      var isRead = false
      while !isFull, source.log.advance() {
        isRead = true
        source.log.withLine { feed(source.log.event, $0, from: source.index) }
      }
      if isRead { journal?.append(position: source.log.position, of: source.path) }
      isBehind = isBehind || isFull
      for note in source.log.takeNotes() {
        if note.isAlert { Alerts.raise("\(note)") } else { LiveLog.say("\(note)") }
      }
    }
  }

  // MARK: The mailbox

  private func take(_ input: Mailbox.Input) {
    switch input {
    case .stop: isStopping = true
    case .outcome(let order, let isDone, let text): take(order, isDone, text)
    case .opened(let order): opened(order)
    case .overtaken(let order):
      forgetOrder(order)
      reopening[order.subject] = nil
    case .command(let request, let actor, let reply):
      if answerQueue(request, actor: actor, reply: reply) { return }
      if request.command == .backup { return backup(request, reply: reply) }
      let answer = answer(request, actor: actor)
      // What was ordered is said to be so when it is written down.
      let changes = request.command.needsReason || request.command == .report
      replies.append(.operators(answer, changes: changes, reply))
    case .alert(let text): feed(.alert(text, at: clock.now))
    case .reload:
      manager.reloading()
      let outcome = reload()
      if outcome.isDone { LiveLog.say(outcome.text) } else { Alerts.raise(outcome.text) }
      manager.ready()
    case .directory(let taken): if takeDirectory() { taken() }
    case .snapshot(let outcome): snapshotIsWritten(outcome)
    case .queue(let batch, let taken): taken(take(batch))
    case .polled(let outcome): take(outcome)
    case .awaited(let reply): reply(awaited)
    case .noticeFacts(let number, let reply):
      reply(engine.noticeFacts(.suspended, of: number))
    case .passwordChange(let change, let taken):
      take(change)
      replies.append(.keeper(taken))
    }
  }

  var faults: [String] { [stateFault, queue.fault].compactMap { $0 } + mailbox.faults.now }
  var sourceReports: [StatusReport.Source] {
    sources.map { source in
      let place = Int(source.index)
      let last = place < lastEvents.count ? lastEvents[place] : .distantPast
      return .init(
        name: source.path, lines: source.log.statistics.lines,
        lastEvent: last == .distantPast ? nil : last,
        fault: source.log.fault.map { "\($0)" })
    }
  }
  var lineCount: Int { sources.reduce(0) { $0 + $1.log.statistics.lines } }
  /// What `systemctl status` shows.
  private var statusLine: String {
    "\(isDry ? "dry run" : "acting")\(engine.pause != nil ? ", PAUSED" : ""); "
      + "\(engine.stopped.count) stopped, \(lineCount) lines read"
  }
}

/// A log that is followed, with its place among the engine's file names.
struct LogFollower {
  let log: any LiveSource
  let index: Int32
  var path: String { log.path }
}
