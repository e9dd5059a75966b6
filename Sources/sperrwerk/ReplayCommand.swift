import ArgumentParser
import Collectors
import Engine
import Events
import Policy

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract:
      "Run old logs through the policies and show who would have been stopped, when and why.",
    discussion: "Nothing is touched and no server is needed. The clock is the log's own.")

  @OptionGroup var options: ReplayOptions
  @Option(help: ArgumentHelp("Write each decision as one JSON object a line.", valueName: "file"))
  var decisions: String?
  @Option(help: "How to print the summary: text or json.") var format = OutputFormat.text
  @Option(
    help: ArgumentHelp(
      "Instead of logs: what 'run --record' kept; is the same decided again?", valueName: "dir"))
  var recorded: String?

  func validate() throws {
    if options.logs.isEmpty == (recorded == nil) {
      throw ValidationError("name mail logs, or --recorded DIR")
    }
  }

  func run() throws {
    if let recorded {
      try run(recorded)
      return
    }
    let replay = try Replay(options)
    replay.run()
    if let decisions { try DecisionsFile.write(replay.engine.transitions, to: decisions) }
    var output = Output()
    switch format {
    case .text: Summary(replay).write(to: &output)
    case .json: Summary(replay).writeJSON(to: &output)
    }
    output.flush()
    if replay.failed { throw ExitCode.failure }
  }

  private func run(_ recorded: String) throws {
    let replay = try RecordedReplay(recorded, geo: try Replay.geo(options))
    if let decisions { try DecisionsFile.write(replay.transitions, to: decisions) }
    var output = Output()
    let isSame = replay.compare(&output)
    output.flush()
    if !isSame { throw ExitCode.failure }
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// What a replay reads; `explain` and `replay` share it.
struct ReplayOptions: ParsableArguments {
  @OptionGroup var source: SourceOptions
  @OptionGroup var policy: PolicyOptions

  @Option(
    help: ArgumentHelp(
      "Mailboxes: CSV with account,domain,customer,reseller,contact,locale.", valueName: "file"))
  var accounts: String?
  @Option(
    help: ArgumentHelp(
      "Websites: CSV with uid,user,domain,customer,reseller,contact,locale.", valueName: "file"))
  var sites: String?
  @Option(help: ArgumentHelp("Log of password changes: time and account.", valueName: "file"))
  var passwordChanges: String?
  @Option(
    help: ArgumentHelp(
      "Customers' reports that passwords are renewed: time and account.", valueName: "file"))
  var reports: String?
  @Option(
    help: ArgumentHelp("Queue snapshots (postqueue -j), a file or a folder.", valueName: "path"))
  var queue: [String] = []
  @Option(
    help: ArgumentHelp(
      "Countries and places: a GeoLite2-City-like database.", valueName: "file.mmdb"))
  var geo: String?
  @Option(help: ArgumentHelp("Networks: a GeoLite2-ASN-like database.", valueName: "file.mmdb"))
  var asn: String?
  @Option(
    help: ArgumentHelp(
      "A network of the provider's own, such as a webmail server's: many work from there, so it is nobody's place.",
      valueName: "net"),
    transform: { text in
      guard let network = AddressRange(text) else {
        throw ValidationError("'\(text)' is no address or network such as 192.0.2.0/24")
      }
      return network
    })
  var ownNetwork: [AddressRange] = []
  @Option(help: ArgumentHelp("Let a policy decide, but act on nothing.", valueName: "policy"))
  var shadow: [String] = []
  @Argument(help: "Mail logs, or folders of them.") var logs: [String] = []
}
