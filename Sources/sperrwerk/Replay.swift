import ArgumentParser
import Collectors
import Engine
import Events
import Glibc
import Policy

/// One replay: its sources merged by (time, rank, file, line) into the engine.
final class Replay {
  var engine: Engine
  let logs: [LogSource]
  private(set) var others: [any EventSource] = []
  private(set) var reports: [AccountLog] = []
  private(set) var notes: [String] = []
  private(set) var failed = false
  private(set) var seconds = 0.0
  let policies: PolicySet
  var snapshotCount: Int { others.count { $0 is QueueSnapshot } }
  let hasGeo: Bool
  let hasReports: Bool

  /// A table that is another file has a fault in each line.
  private static let mostNotes = 10

  init(_ options: ReplayOptions, focus: String? = nil) throws {
    policies = try Self.policies(options)
    let directory = try Self.directory(options)
    notes = Array(directory.faults.prefix(Self.mostNotes))
    if directory.faults.count > notes.count {
      notes.append("\(directory.faults.count - notes.count) more faults in these tables")
    }
    let geo = try Self.geo(options)
    hasGeo = geo.knowsCountries
    hasReports = options.reports != nil
    var opener = Opener(source: options.source)
    logs = Self.files(options).compactMap { file in
      opener.open(file) { (file, clock) throws(CollectorError) in try LogSource(file, clock: clock)
      }
    }
    guard !logs.isEmpty else {
      if !opener.failed {
        Output.complain(
          "\(options.logs.joined(separator: " ")): no logs there; name files, or a folder of them")
      }
      throw ExitCode(66)
    }
    others = LogFiles.expanded(options.queue).compactMap { file in
      opener.open(file) { (file, clock) throws(CollectorError) in
        try QueueSnapshot(file, clock: clock)
      }
    }
    func accountLog(_ file: String?) -> AccountLog? {
      file.flatMap { file in
        opener.open(file) { (file, clock) throws(CollectorError) in
          try AccountLog(file, clock: clock)
        }
      }
    }
    if let changes = accountLog(options.passwordChanges) { others.append(changes) }
    if let reported = accountLog(options.reports) { reports.append(reported) }
    failed = opener.failed || !directory.faults.isEmpty
    var settings = Engine.Settings()
    settings.needsReport = hasReports
    settings.focus = focus
    settings.ownNetworks = options.ownNetwork
    let classifier = ReplyClassifier(
      extra: policies.replies.map { ReplyPattern($0.replyClass, $0.says) })
    engine = Engine(
      settings: settings, policies: policies, directory: directory, geo: geo,
      fileNames: logs.map(\.fileName) + others.map(\.fileName) + reports.map(\.fileName),
      classify: classifier.classify)
  }

  /// What was named twice would count twice.
  private static func files(_ options: ReplayOptions) -> [String] {
    var files = LogFiles.inOrder(options.logs, clock: options.source.clock)
    for file in LogFiles.repeated(files) {
      Output.complain("\(file): is named twice, and read once")
      if let last = files.lastIndex(of: file) { files.remove(at: last) }
    }
    return files
  }

  private static func policies(_ options: ReplayOptions) throws -> PolicySet {
    let policies = try options.policy.load(shadow: options.shadow)
    for error in policies.errors { Output.complain("\(error)") }
    if !policies.errors.isEmpty { throw ExitCode(65) }
    for warning in policies.warnings { Output.complain(warning) }
    return policies
  }

  private static func directory(_ options: ReplayOptions) throws -> Directory {
    var directory = Directory()
    if let file = options.accounts {
      directory.readAccounts(CSVTable(try contents(file)), file: file)
    }
    if let file = options.sites { directory.readSites(CSVTable(try contents(file)), file: file) }
    return directory
  }

  static func geo(_ options: ReplayOptions) throws -> Geo {
    do { return try Geo(cities: options.geo, systems: options.asn) } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
  }

  /// Opens sources, and complains of those that cannot be opened; the others are still read.
  private struct Opener {
    let source: SourceOptions
    var failed = false

    mutating func open<Source>(
      _ file: String, _ make: (String, LogClock) throws(CollectorError) -> Source
    ) -> Source? {
      do { return try make(file, source.clock(for: file)) } catch {
        Output.complain("\(error)")
        failed = true
        return nil
      }
    }
  }

  // MARK: Running

  /// Reads all sources to their ends.
  func run() {
    let start = clock()
    let progress = Progress(total: logs.reduce(0) { $0 + Replay.size($1.fileName) })
    var waiting = Waiting(others, firstIndex: logs.count)
    var waitingReports = Waiting(reports, firstIndex: logs.count + others.count)
    var merged = MergedLogs(logs)
    while let turn = merged.next() {
      let log = logs[turn.index]
      var time = turn.time
      repeat {
        if waiting.next <= time { take(&waiting, until: time) { engine.take($0, $1) } }
        if waitingReports.next <= time {
          take(&waitingReports, until: time) { engine.report($0, $1) }
        }
        log.event.fileIndex = Int32(turn.index)
        log.withLine { line in
          engine.take(log.event, line)
        }
        if log.statistics.lines & 0xffff == 0 { progress.show(log.bytesRead) }
        guard log.advance() else {
          merged.finished()
          progress.finished(log.bytesRead)
          break
        }
        if time < log.event.time { time = log.event.time }
      } while merged.mayGoOn(turn.index, time)
    }
    for log in logs { tellFaults(log) }
    take(&waiting, until: engine.now) { engine.take($0, $1) }
    take(&waitingReports, until: engine.now) { engine.report($0, $1) }
    engine.finish()
    progress.clear()
    seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
    for source in others + reports {
      if let fault = source.fault {
        Output.complain("\(fault)")
        failed = true
      }
      if let note = Self.badLines(source) {
        notes.append(note)
        // A log may have other programs' lines; a snapshot has none, and one that is all wrong is another file.
        if source is QueueSnapshot || source.statistics.events == 0 { failed = true }
      }
    }
  }

  private func tellFaults(_ log: LogSource) {
    if let fault = log.fault {
      Output.complain("\(fault)")
      failed = true
    } else if log.statistics.events == 0, log.statistics.lines > 0 {
      Output.complain(
        "\(log.fileName):1: none of its \(log.statistics.lines) lines is a mail log's; name the mail log"
      )
      failed = true
    } else if log.statistics.lines == 0 {
      Output.complain("\(log.fileName): is empty")
    }
  }

  static func badLines(_ source: any EventSource) -> String? {
    let statistics = source.statistics
    guard statistics.badLines > 0 else { return nil }
    return "\(source.fileName):\(statistics.firstBadLine): not readable; "
      + "\(statistics.badLines) such lines were left out; "
      + (source is QueueSnapshot
        ? "take the snapshot again by 'postqueue -j'" : "a line is a time and an account")
  }

  /// Hands the engine what other sources have up to a time.
  private func take(
    _ waiting: inout Waiting, until time: Instant, _ input: (LogEvent, Span<UInt8>) -> Void
  ) {
    while waiting.next <= time, let source = waiting.source {
      source.withLine { line in
        var event = source.event
        event.fileIndex = Int32(waiting.index)
        input(event, line)
      }
      waiting.advance()
    }
  }

  // MARK: Files

  static func contents(_ path: String) throws -> [UInt8] {
    func unreadable() -> ExitCode {
      Output.complain("\(path): \(SystemFault().text); check its name and that you may read it")
      return ExitCode(66)
    }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe block.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 { throw unreadable() }
      if count == 0 { return bytes }
      bytes.append(contentsOf: block[..<count])
    }
  }

  static func size(_ path: String) -> Int {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// `--policies`, else a folder `policies` here, beside or above the program, or in /etc/sperrwerk.
  static func policyFolder(_ given: String?) throws -> String {
    if let given { return given.hasSuffix("/") ? String(given.dropLast()) : given }
    var places = ["policies"]
    var path = [CChar](repeating: 0, count: 4096)
    let length = unsafe readlink("/proc/self/exe", &path, path.count - 1)
    if length > 0 {
      var parts = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: "/").dropLast()
      for _ in 0..<5 where !parts.isEmpty {
        places.append("/" + parts.joined(separator: "/") + "/policies")
        parts = parts.dropLast()
      }
    }
    places += ["/etc/sperrwerk/policies", "/usr/share/sperrwerk/policies"]
    if let found = places.first(where: { unsafe access($0, R_OK) == 0 }) { return found }
    Output.complain("no folder 'policies' here; name one by --policies")
    throw ExitCode(66)
  }
}

/// The next of several sources, by (time, place in the list).
struct Waiting {
  private var sources: [(index: Int, source: any EventSource, time: Instant)] = []

  /// A source's own time never runs backwards.
  init(_ list: [any EventSource], firstIndex: Int) {
    for (place, source) in list.enumerated() where source.advance() {
      sources.append((firstIndex + place, source, source.event.time))
    }
    sort()
  }

  var next: Instant { sources.last?.time ?? .distantFuture }
  var source: (any EventSource)? { sources.last?.source }
  var index: Int { sources.last?.index ?? 0 }

  mutating func advance() {
    guard let last = sources.last else { return }
    if last.source.advance() {
      sources[sources.count - 1].time = max(last.time, last.source.event.time)
      let now = sources[sources.count - 1]
      if sources.count < 2
        || (now.time, now.index) <= (
          sources[sources.count - 2].time, sources[sources.count - 2].index
        )
      {
        return
      }
      sort()
    } else {
      sources.removeLast()
    }
  }

  /// The next stands last, so that it is taken off cheaply.
  private mutating func sort() { sources.sort { ($0.time, $0.index) > ($1.time, $1.index) } }
}
