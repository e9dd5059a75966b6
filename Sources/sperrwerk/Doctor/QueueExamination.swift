import Actions
import Glibc

/// The programs that read and change the queue, and the one that sends, really work.
struct QueueExamination: Examination {
  static let area = Finding.Area.queue
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  private var options: [String] { settings.postfixOptions }

  func findings() async -> [Finding] {
    guard Postfix(settings).isThere else { return [] }
    return [
      await works(
        "the queue can be read (postqueue -j)", settings["postfix.postqueue"], options + ["-j"],
        remedy: "let this user read the queue (authorized_mailq_users), and see that Postfix runs"),
      // Told to hold nothing at all, it only says whether it may.
      await works(
        "queued mail can be held (postsuper -h)", settings["postfix.postsuper"],
        options + ["-h", "-"], through: settings.list("privileges"),
        remedy: "only root may run postsuper: see 'privileges' in the settings"),
      await sendmail(),
    ]
  }

  private func works(
    _ what: String, _ program: String, _ arguments: [String], through privileges: [String] = [],
    remedy: String
  ) async -> Finding {
    do {
      let result = try await Program(program, through: privileges).run(arguments)
      let why = result.errors.split(separator: "\n").last.map { "\($0); " } ?? ""
      return finding(result.status == 0, what, why + remedy)
    } catch {
      return finding(false, what, "\(error)")
    }
  }

  /// It speaks SMTP on its standard input, and is told nothing but to end.
  private func sendmail() async -> Finding {
    let path = settings["sendmail"]
    let what = "notices can be handed over (\(path))"
    guard unsafe access(path, X_OK) == 0 else {
      return finding(
        false, what, "install the mail system's sendmail program, or correct 'sendmail'")
    }
    // Another instance's folder is refused to sendmail: what it would say is of the main one.
    guard settings.path("postfix.config") == nil else { return finding(true, what, "") }
    var program = Program(path)
    program.limit = .seconds(5)
    let result = try? await program.run(["-bs"], input: "QUIT\r\n")
    return finding(
      result?.output.hasPrefix("220") == true, what,
      "\(result?.errors.split(separator: "\n").first ?? "it does not answer"): see that the mail system runs"
    )
  }
}
