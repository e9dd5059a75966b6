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
  @Option(
    help: ArgumentHelp(
      "The systemd journal: 'system', or a folder of journal files.", valueName: "folder"))
  var journal: String?
  @Argument(help: "Files, or folders of them.") var files: [String] = []

  func validate() throws {
    if files.isEmpty, journal == nil {
      throw ValidationError("name files, or say --journal system")
    }
  }

  func run() throws {
    var output = Output()
    let classifier = ReplyClassifier()
    var (failed, isAnyOpen) = (false, journal != nil)
    for path in LogFiles.expanded(files) {
      do {
        let clock = source.clock(for: path)
        if QueueSnapshot.isOne(path) {
          let snapshot = try QueueSnapshot(path, clock: clock)
          isAnyOpen = true
          failed = !write(snapshot, classifier, &output) || failed
        } else {
          let log = try LogSource(path, clock: clock)
          isAnyOpen = true
          failed = !write(log, classifier, &output) || failed
          if log.statistics.events == 0, log.statistics.lines > 0 {
            let lines = NumberText.counted(log.statistics.lines, "line")
            Output.complain("\(path):1: \(lines), none of which tells of mail")
          }
        }
      } catch {
        Output.complain("\(error)")
        failed = true
      }
    }
    failed = !readJournal(classifier, &output) || failed
    output.flush()
    if failed { throw isAnyOpen ? ExitCode.failure : ExitCode(66) }
  }

  private func readJournal(_ classifier: ReplyClassifier, _ output: inout Output) -> Bool {
    guard let journal else { return true }
    do {
      let tail = try JournalTail(
        journal, matches: [], since: .distantPast, writers: .ofThisHost)
      defer { for note in tail.takeNotes() { Output.complain("\(note)") } }
      return write(tail, classifier, &output)
    } catch {
      Output.complain("\(error)")
      return false
    }
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
