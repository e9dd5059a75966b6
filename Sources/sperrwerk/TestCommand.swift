import ArgumentParser
import Collectors
import Engine
import Events
import Policy

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract:
      "Run the policies' own tests: policies/tests/*.lua, log lines in, expected decisions out.")

  @OptionGroup var options: PolicyOptions

  func run() throws {
    let folder = try Replay.policyFolder(options.policies)
    var output = Output()
    var passed = 0
    var failed = 0
    let tests = PolicyTest.load(folder: folder + "/tests")
    for error in try options.load().errors + tests.errors { Output.complain("\(error)") }
    guard try options.load().errors.isEmpty else { throw ExitCode(65) }
    if tests.tests.isEmpty { Output.complain("\(folder)/tests: no tests there") }
    for test in tests.tests {
      // Each begins with fresh windows.
      let policies = try options.load()
      let got = decisions(test, policies)
      // The policy may be left out of what is expected.
      let isAsExpected =
        got.count == test.expected.count
        && zip(got, test.expected).allSatisfy { $0 == $1 || $0.hasPrefix($1 + " by ") }
      if isAsExpected {
        passed += 1
      } else {
        failed += 1
        output.line("\(test.file): \(test.name)")
        output.line(
          "  expected \(test.expected.isEmpty ? "nothing" : test.expected.joined(separator: ", "))")
        output.line("  got      \(got.isEmpty ? "nothing" : got.joined(separator: ", "))")
      }
    }
    output.line("\(passed) passed, \(failed) failed")
    output.flush()
    if failed > 0 || !tests.errors.isEmpty { throw ExitCode.failure }
  }

  /// `suspend anna@example.net by rejections`, … in order, for what a test may expect.
  private func decisions(_ test: PolicyTest, _ policies: PolicySet) -> [String] {
    let classifier = ReplyClassifier(
      extra: policies.replies.map { ReplyPattern($0.replyClass, $0.says) })
    var directory = Directory()
    if let accounts = test.accounts {
      directory.readAccounts(CSVTable(Array(accounts.utf8)), file: test.file)
    }
    var engine = Engine(
      settings: Engine.Settings(), policies: policies, directory: directory, geo: Geo(),
      fileNames: [test.file], classify: classifier.classify)
    var parser = LineParser(
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_790_000_000)))
    var event = LogEvent()
    for (number, text) in test.lines.enumerated() {
      let bytes = Array(text.utf8)
      guard parser.parse(bytes.span, into: &event) else { continue }
      event.line = Int32(number + 1)
      engine.take(event, bytes.span)
    }
    engine.finish()
    return engine.transitions.filter { [.suspend, .hold, .alert].contains($0.action) }
      .map {
        "\($0.action.rawValue) \($0.subject ?? "-")" + ($0.policy.map { " by \($0)" } ?? "")
      }
  }
}
