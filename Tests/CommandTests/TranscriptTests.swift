import Foundation
import Testing

/// What README says in a table, `samples/commands.txt` shows: every command with its output, as this test saw it.
///
/// The file is a series of `$ sperrwerk …`, each followed by what that prints, and of remarks that begin with `#`.
/// `TEST_RECORD=1` writes it anew.
@Suite(.serialized) struct `Every command's output` {
  private static let file = root + "/samples/commands.txt"

  /// A queue that the service asks and changes, in place of Postfix's own.
  private static let queue = #"""
    {"queue_name": "deferred", "queue_id": "AB00013FB0", "arrival_time": 1795575600, "message_size": 4711, "forced_expire": false, "sender": "x@y.example", "recipients": [{"address": "tante@langsam.example", "delay_reason": "host mx.langsam.example[192.0.2.9] said: 450 4.7.1 try again later"}]}

    """#

  private static let postsuper = """
    cat > /dev/null
    case "$*" in
      *-h*)
        sed -i 's/"deferred"/"hold"/' "${0%/*}/queue"
        echo "postsuper: Placed on hold: 1 message" >&2 ;;
      *) : > "${0%/*}/queue" ;;
    esac
    """

  @Test func `is as the transcript shows it`() throws {
    let service = try Guarded.acting(
      more: """
        notices:
          every: 1s
        """, postsuper: Self.postsuper)
    // In a folder whose name is as long everywhere: where lines end depends on it.
    for name in ["accounts.csv", "password-changes.log"] {
      try FileManager.default.copyItem(
        atPath: "\(root)/samples/seed-story/\(name)", toPath: "\(service.folder)/\(name)")
    }
    try service.script("postqueue", "cat \(service.folder)/queue")
    try Self.queue.write(
      toFile: service.folder + "/queue", atomically: true, encoding: .utf8)
    let settings =
      try String(contentsOfFile: service.settings, encoding: .utf8)
        + """

        accounts: \(service.folder)/accounts.csv
        password_changes: \(service.folder)/password-changes.log

        """
    try settings.write(toFile: service.settings, atomically: true, encoding: .utf8)
    try service.start()
    try service.waitUntilReady()
    try #require(try service.command(["status"]).status == 0)
    service.spam("dora@suedlicht.example", count: 20)
    try service.wait("not suspended") { try service.command(["cases"]).output.contains("dora@") }

    let recorded = try String(contentsOfFile: Self.file, encoding: .utf8)
    var seen = ""
    for line in recorded.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("# ") { seen += (seen.isEmpty ? "" : "\n") + line + "\n" }
      guard line.hasPrefix("$ ") else { continue }
      try service.wait("orders are not done") { try isSettled(service) }
      seen += "\n\(line)\n" + (try answer(String(line.dropFirst(2)), service))
    }
    #expect(service.end() == 0)
    if ProcessInfo.processInfo.environment["TEST_RECORD"] != nil {
      try seen.write(toFile: Self.file, atomically: true, encoding: .utf8)
      Issue.record("recorded anew: look at the difference before you commit it")
    }
    #expect(seen == recorded)
  }

  @Test func `is shown of all commands there are`() throws {
    let shown = try String(contentsOfFile: Self.file, encoding: .utf8).split(separator: "\n")
      .compactMap { $0.hasPrefix("$ sperrwerk ") ? $0.split(separator: " ")[2] : nil }
    let help = try sperrwerk(["--help"]).output
    let names = help.split(separator: "SUBCOMMANDS:\n")[1].matches(of: /\n? {2}([a-z]+) {2,}/)
      .map(\.1)
    #expect(names.count > 25)
    // They look at the machine, or go on for ever.
    for name in names where !["init", "tables", "doctor", "run"].contains(name) {
      #expect(shown.contains(name), "\(name)")
    }
  }

  /// Whether all that was decided is done, and told.
  private func isSettled(_ service: Guarded) throws -> Bool {
    guard try service.count("orders_in_flight") == 0 else { return false }
    let cases = try service.command(["cases", "--all", "--format", "json"]).output
    for match in cases.matches(of: /"number":(\d+)/) {
      let steps = try service.command(["case", String(match.1), "--format", "json"]).output
      let (due, told) = (
        steps.matches(of: /"action":"notify/).count, steps.matches(of: /"action":"notified"/).count
      )
      guard due == told else { return false }
    }
    return true
  }

  /// What a command prints, with its status where that is not 0; what differs from run to run made the same.
  private func answer(_ command: String, _ service: Guarded) throws -> String {
    let shell = """
      sperrwerk() {
        case "$* " in
          *samples/* | check* | test* | policies* | stauts*) '\(program)' "$@" ;;
          *) '\(program)' "$@" --settings '\(service.settings)' ;;
        esac
      }
      \(command)
      """
    let result = try run("/bin/bash", ["-c", "{ \(shell)\n} 2>&1"])
    var text = result.output.replacing(root + "/", with: "")
    if !text.hasSuffix("\n") { text += "\n" }
    if result.status != 0 { text += "(exit status \(result.status))\n" }
    if command.contains("samples/") { return text }
    for (path, name) in [("/state", "/var/lib/sperrwerk"), ("/mail.log", "/var/log/mail.log")] {
      text = text.replacing(service.folder + path, with: name)
    }
    return text.replacing(service.folder, with: "/run/sperrwerk")
      .replacing(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, with: "2026-11-25T03:00:00Z")
      .replacing(/uid \d+( \([a-z0-9_-]+\))?/, with: "uid 0 (root)")
  }
}
