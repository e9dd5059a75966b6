import Collectors
import Engine
import Events
import Service
import Store

/// How the service comes to its state: from the last snapshot and the inputs since, else from the logs and the
/// ledger.
extension EngineLoop {
  func start() throws {
    let folder = try StateFolder(settings.stateFolder)
    let positions = recover(folder)
    if positions == nil { try rebuild() } else { try follow(positions ?? [:]) }
    try keepDeciding(folder)
    showStops()
    LiveLog.say(
      "\(engine.subjectCount) accounts and websites are known, \(engine.stopped.count) stopped")
  }

  // MARK: From the snapshot

  /// - Returns: how far each source was read; nil where everything must be read again.
  private func recover(_ folder: StateFolder) -> [String: String]? {
    do {
      guard let snapshot = try SnapshotFile.read(from: folder) else { return nil }
      let unknown = parts.sourceNames.filter { snapshot.positions[$0] == nil }
      guard unknown.isEmpty else {
        LiveLog.say("\(unknown.joined(separator: ", ")): new; everything is read again")
        return nil
      }
      let past = try PastInputs(snapshot, in: folder, geo: parts.geo)
      past.seesEvent = { [self] event, line in watchNotices(event, line) }
      try past.replay()
      // Another file follows it soon: then half a frame would be damage.
      if let cut = past.cut { try Frame.cut(cut.path, to: cut.size) }
      engine = past.takeEngine()
      deciding = past.deciding
      policiesNumber = past.policiesNumber
      // One that has to go to its next contact since is open again: the ledger knows better.
      let reopened = try store.noticesToGoOn
      finished = past.finished.filter { !reopened.contains($0.id) }
      let known = try store.lastSerial
      guard known <= engine.serial else {
        Alerts.raise(
          "\(folder.path) is older than the ledger; everything is read again from the logs")
        return nil
      }
      unwritten = engine.takeTransitions()
      return past.positions
    } catch {
      Alerts.raise("\(error)")
      return nil
    }
  }

  /// Goes on where each source was left.
  private func follow(_ positions: [String: String]) throws {
    open(try parts.sources(at: positions, since: clock.now - settings.span("warm_up")))
    goOnFromEngine()
  }

  /// What was decided under a clock that was ahead is not decided again, nor is all from then on past.
  private func goOnFromEngine() {
    clock = EngineClock(
      wall: MachineClock.wall, steady: MachineClock.steady, engine: engine.now)
  }

  private func open(_ logs: [any LiveSource]) {
    sources = []
    // Named before the first snapshot, so that inputs after it can be told apart when they are read again.
    for name in [Self.queueName] + Self.passwordSources { _ = engine.fileIndex(of: name) }
    for log in logs {
      sources.append(LogFollower(log: log, index: engine.fileIndex(of: log.path)))
    }
  }

  // MARK: From the logs

  /// Reads the old logs, merged by time, and follows the ledger where it has decided already. At the first start
  /// nothing is decided on old logs: the windows are warmed, that is all.
  private func rebuild() throws {
    var ledger = try store.transitions()[...]
    let lastCase = try store.lastCase
    // Inputs of the last two seconds are decided again: what the ledger has then is recognised.
    // Later than now where an earlier run's clock was ahead: else nothing would be decided for so long.
    let end = min(try store.decidedTo.map { $0 - TimeSpan(seconds: 2) } ?? clock.now, clock.now)
    decidesFrom = end
    deciding = parts.deciding
    engine = deciding.engine(parts.geo, fileNames: [], decidesFrom: end)
    engine.serial = try store.lastSerial
    open(try parts.sources(since: clock.now - settings.span("warm_up")))
    var merged = MergedLogs(sources.map(\.log))
    while let turn = merged.next() {
      let source = sources[turn.index]
      var time = turn.time
      repeat {
        follow(&ledger, to: min(time, end))
        if time >= end { followRest(&ledger, lastCase) }
        source.log.withLine { feed(source.log.event, $0, from: source.index) }
        guard source.log.advance() else {
          merged.finished()
          break
        }
        if time < source.log.event.time { time = source.log.event.time }
      } while merged.mayGoOn(turn.index, time)
      manager.warming("reading old logs: \(lineCount) lines")
    }
    followRest(&ledger, lastCase)
    goOnFromEngine()
    LiveLog.say("read \(NumberText.counted(lineCount, "line")) of old logs")
    for fault in sourceReports.compactMap(\.fault) { LiveLog.say(fault) }
  }

  /// All that is left; numbers of cases that are forgotten stay taken.
  private func followRest(_ ledger: inout ArraySlice<Transition>, _ lastCase: Int) {
    follow(&ledger, to: .distantFuture)
    engine.skipCases(to: lastCase)
  }

  private func follow(_ ledger: inout ArraySlice<Transition>, to time: Instant) {
    while let next = ledger.first, next.time <= time {
      engine.follow(next)
      ledger.removeFirst()
    }
  }

  // MARK: What decides

  /// Keeps what decides from now on, and begins the inputs behind a new snapshot.
  private func keepDeciding(_ folder: StateFolder) throws {
    let isSame = parts.deciding.isKept(in: folder.policiesPath(policiesNumber))
    if !isSame {
      policiesNumber = (folder.numbers(of: "policies").last ?? 0) + 1
      try parts.deciding.keep(policiesNumber, in: folder)
    }
    // Also where they are the same: what an earlier version made of them may be in the snapshot.
    deciding = parts.deciding
    deciding.adopt(in: &engine)
    let number = (folder.numbers(of: "inputs").last ?? 0) + 1
    // What is not in the ledger yet comes out of the inputs once more, should this run end before it is written.
    commit()
    let snapshot = snapshot(inputs: number)
    if let path = parts.record {
      recording = try Recording(path, snapshot: snapshot, deciding: deciding)
    }
    journal = try InputJournal(folder, number: number, recording: recording)
    guard unwritten.isEmpty else { return }
    try snapshot.write(to: folder)
    folder.forget(inputsBefore: number, policiesBefore: policiesNumber)
  }

  /// Takes the files anew; what is not well changes nothing.
  func takeDeciding(_ fresh: Deciding) throws {
    guard let journal else { return }
    let number = (journal.folder.numbers(of: "policies").last ?? 0) + 1
    try fresh.keep(number, in: journal.folder)
    recording?.keep(fresh, number)
    journal.append(policies: number)
    policiesNumber = number
    deciding = fresh
    deciding.adopt(in: &engine)
  }
}
