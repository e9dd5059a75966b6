import ArgumentParser
import Collectors
import Events

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Print what each log line tells, one JSON object a line.",
    discussion: """
      Reads mail logs (Postfix, Dovecot, Exim; also gzip, xz, zstd), queue snapshots \
      (postqueue -j) and password logs. Lines that tell nothing are left out.
      """)

  @OptionGroup var source: SourceOptions
  @Argument(help: "Files, or folders of them.") var files: [String]

  func run() throws {
    var output = Output()
    let classifier = ReplyClassifier()
    var failed = false
    for path in LogFiles.expanded(files) {
      do {
        let clock = source.clock(for: path)
        if QueueSnapshot.isOne(path) {
          failed = !write(try QueueSnapshot(path, clock: clock), classifier, &output) || failed
        } else {
          failed = !write(try LogSource(path, clock: clock), classifier, &output) || failed
        }
      } catch {
        Output.complain("\(error)")
        failed = true
      }
    }
    output.flush()
    if failed { throw ExitCode.failure }
  }

  /// - Returns: whether all of the source could be read.
  private func write(
    _ source: some EventSource, _ classifier: ReplyClassifier, _ output: inout Output
  ) -> Bool {
    var json = JSONText()
    while source.advance() {
      source.withLine { line in
        var event = source.event
        classifier.classify(&event, line)
        classifier.nameBlocklist(&event, line)
        event.write(to: &json, file: source.fileName, line: line)
      }
      json.newline()
      if json.bytes.count > 1 << 15 {
        output.write(json.bytes)
        json.removeAll()
      }
    }
    output.write(json.bytes)
    if let note = Replay.badLines(source) { Output.complain(note) }
    guard let fault = source.fault else { return true }
    Output.complain("\(fault)")
    return false
  }
}
