import ArgumentParser
import Foundation

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check everything the service needs, and say for each fault what to do.",
    discussion:
      "Run it as root: some points can only be seen so. Exit status 1 where there is a fault.")

  @OptionGroup var place: SettingsPlace
  @Option(
    help: ArgumentHelp(
      "Show also what each source says of this login's last password change.", valueName: "login"))
  var account: String?
  @Option(help: "How to print the findings: text or json.") var format = OutputFormat.text

  func run() async throws {
    let settings = try place.load()
    var findings = await Self.findings(settings)
    if let account { findings += await PasswordExamination(settings).findings(of: account) }
    var output = Output()
    switch format {
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      output.line(String(decoding: try encoder.encode(findings), as: UTF8.self))
    case .text:
      for finding in findings { Self.write(finding, to: &output) }
      let faults = findings.count { $0.state == .fault }
      output.line(faults == 0 ? "all is well" : faults == 1 ? "1 fault" : "\(faults) faults")
    }
    output.flush()
    if findings.contains(where: { $0.state == .fault }) { throw ExitCode.failure }
  }

  static let examinations: [any Examination.Type] = [
    PolicyExamination.self, FileExamination.self, LogExamination.self, JournalExamination.self,
    LedgerExamination.self,
    PasswordExamination.self,
    DirectoryExamination.self, PostfixExamination.self, TableExamination.self,
    PolicyServiceExamination.self, WebsiteExamination.self, DovecotExamination.self,
    QueueExamination.self, OperatorsExamination.self,
    ClockExamination.self, NameExamination.self, AlertExamination.self,
    WebExamination.self,
  ]

  /// All at once: some wait for an answer that may not come.
  static func findings(_ settings: LiveSettings) async -> [Finding] {
    await withTaskGroup(of: (Int, [Finding]).self) { group in
      for (place, kind) in examinations.enumerated() {
        let one = kind.init(settings)
        group.addTask { (place, await one.findings()) }
      }
      var found: [Int: [Finding]] = [:]
      for await (place, findings) in group { found[place] = findings }
      return examinations.indices.flatMap { found[$0] ?? [] }
    }
  }

  private static func write(_ finding: Finding, to output: inout Output) {
    let mark =
      switch finding.state {
      case .well: Style.green("well ")
      case .note: Style.dim("note ")
      case .fault: Style.red("FAULT")
      }
    // What is looked for is said the same way whether it is so or not.
    let what = finding.state == .fault ? "not so: \(finding.what)" : finding.what
    output.line("\(mark)  " + OperatorText.wrapped(what, indent: 7).dropFirst(7))
    for line in (finding.remedy ?? "").split(separator: "\n") {
      output.line(OperatorText.wrapped("-> \(line)", indent: 10, first: 7))
    }
  }
}
