import ArgumentParser
import Collectors
import Engine
import Events
import Glibc
import Policy

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the pipeline's stages on a log.", shouldDisplay: false)

  @OptionGroup var source: SourceOptions
  @Option(help: ArgumentHelp("Folder of policies (default: the shipped ones).", valueName: "dir"))
  var policies: String?
  @Argument(help: "A mail log.") var log: String

  @Flag(help: "Measure the live service too.") var live = false

  func run() async throws {
    let folder = try Replay.policyFolder(policies)
    var output = Output()
    var lines = 0
    let parsed = try measure {
      let log = try LogSource(self.log, clock: source.clock(for: self.log))
      while log.advance() {}
      lines = log.statistics.lines
    }
    let read = try measure {
      lines = try LogSource(self.log, clock: source.clock(for: self.log)).countLines()
    }
    var subjects = 0
    let attributed = try measure { subjects = try pass(nil).subjectCount }
    var calls = 0
    var memory = 0
    var lua = 0.0
    let full = try measure {
      let set = PolicySet(directory: folder)
      set.runtime.stopwatch = { Glibc.clock() }
      let engine = try pass(set)
      lua = Double(set.runtime.measured) / Double(CLOCKS_PER_SEC)
      calls = set.runtime.calls
      memory = engine.stateBytes
    }
    func stage(_ name: String, _ seconds: Double) {
      output.line(
        "  \(Style.padded(name, 34)) \(Int(seconds * 1e9 / Double(max(1, lines)))) ns a line")
    }
    output.line("\(NumberText.grouped(lines)) lines")
    stage("read", read)
    stage("parse", max(0, parsed - read))
    stage("attribute", max(0, attributed - parsed))
    stage("windows and gates", max(0, full - attributed - lua))
    stage("Lua", lua)
    output.line("  \(NumberText.grouped(Int(Double(lines) / full))) lines/s in all")
    output.line("  Lua entered \(calls * 1000 / max(1, lines)) times per 1,000 lines")
    output.line(
      "  \(NumberText.grouped(memory / max(1, subjects))) bytes of window state a subject")
    if live {
      output.line("  followed by a tail: \(NumberText.grouped(try tail())) lines/s")
      try await LiveBench().run(&output)
      for subjects in [100_000, 1_000_000] {
        MemoryBench(subjects: subjects, policies: folder).run(&output)
        output.flush()
      }
    }
    output.flush()
  }

  /// As the service reads a log that is there already.
  private func tail() throws -> Int {
    var lines = 0
    let seconds = try measure {
      let tail = FileTail(path: log, since: .distantFuture, clock: source.clock(for: log))
      while tail.advance() {}
      lines = tail.statistics.lines
    }
    return Int(Double(lines) / max(seconds, 1e-9))
  }

  /// CPU seconds; the least of three, since what disturbs a run only adds to it.
  private func measure(_ body: () throws -> Void) throws -> Double {
    try (0..<3).map { _ in
      let start = clock()
      try body()
      return Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }.min() ?? 0
  }

  private struct Pass {
    var subjectCount: Int
    var stateBytes: Int
  }

  private func pass(_ policies: PolicySet?) throws -> Pass {
    let log = try LogSource(self.log, clock: source.clock(for: self.log))
    let classifier = ReplyClassifier()
    var engine = Engine(
      settings: Engine.Settings(), policies: policies ?? PolicySet.none, directory: Directory(),
      geo: Geo(), fileNames: [self.log],
      classify: classifier.classify)
    while log.advance() {
      log.withLine { line in
        engine.take(log.event, line)
      }
    }
    return Pass(subjectCount: engine.subjectCount, stateBytes: engine.stateBytes)
  }
}
