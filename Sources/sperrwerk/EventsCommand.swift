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
    var json = JSONText()
    let classifier = ReplyClassifier()
    var failed = false
    for path in files {
      do {
        let log = try LogSource(path, clock: source.clock(for: path))
        while log.advance() {
          log.withLine { line in
            var event = log.event
            classifier.classify(&event, line)
            classifier.nameBlocklist(&event, line)
            event.write(to: &json, file: path, line: line)
          }
          json.newline()
          if json.bytes.count > 1 << 15 {
            output.write(json.bytes)
            json.removeAll()
          }
        }
        output.write(json.bytes)
        json.removeAll()
        if let fault = log.fault {
          Output.complain("\(fault)")
          failed = true
        }
      } catch {
        Output.complain("\(error)")
        failed = true
      }
    }
    output.flush()
    if failed { throw ExitCode.failure }
  }
}
