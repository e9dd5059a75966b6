import Actions
import Glibc

/// The tables that stop accounts and websites are there where Postfix is told of them, and can be asked.
struct TableExamination: Examination {
  static let area = Finding.Area.tables
  /// Source: smtpd and cleanup answer 451 at a table that they cannot open; sendmail ends with a fatal error.
  private static let remedy =
    "'sperrwerk tables' makes it, empty; until then Postfix defers everybody's mail"
  let settings: LiveSettings
  private let postfix: Postfix

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(settings)
  }

  func findings() async -> [Finding] {
    guard postfix.isThere else { return [] }
    var findings = [
      finding(
        await postfix.tableKinds().contains("lmdb"), "Postfix knows lmdb tables",
        "apt install postfix-lmdb")
    ]
    let configuration = await postfix.everything()
    for table in [settings["postfix.table"], settings.heldSites.path] {
      findings.append(await look(at: table, isNamed: Self.names(table, configuration)))
    }
    let users = SubmitUsers(await postfix.setting("authorized_submit_users") ?? "")
    return findings + sites(users)
  }

  /// Whether Postfix is told of a table, and not of one whose name only begins so.
  static func names(_ table: String, _ configuration: String) -> Bool {
    configuration.split(whereSeparator: { ", \t\n{}".contains($0) })
      .contains { $0.hasSuffix("lmdb:\(table)") }
  }

  private func look(at table: String, isNamed: Bool) async -> Finding {
    if InitCommand.exists(table + ".lmdb") { return await ask(table) }
    if isNamed {
      return finding(
        false, "the table \(table).lmdb, which Postfix is told of, is there", Self.remedy)
    }
    return note("there is no table \(table).lmdb yet", "'sperrwerk tables' makes it, empty")
  }

  /// Asks for nobody: an answer without complaint is what a sound table gives.
  private func ask(_ table: String) async -> Finding {
    let options = settings.postfixOptions
    do {
      let result = try await Program(settings["postfix.postmap"])
        .run(options + ["-q", "doctor@example.net", "lmdb:\(table)"])
      return finding(
        result.errors.isEmpty, "the table lmdb:\(table) can be asked",
        "\(result.errors.split(separator: "\n").first ?? ""): make it anew by 'postmap lmdb:\(table)'"
      )
    } catch {
      return finding(false, "the table lmdb:\(table) can be asked", "\(error)")
    }
  }

  /// Every website's sendmail reads this list, as the website's user.
  private func sites(_ users: SubmitUsers) -> [Finding] {
    let file = settings["postfix.sites"]
    guard users.names(file) else { return [] }
    var status = stat()
    guard unsafe stat(file, &status) == 0 else {
      return [finding(false, "the list \(file), which Postfix is told of, is there", Self.remedy)]
    }
    return [
      finding(
        status.st_mode & 0o004 != 0, "everybody who calls sendmail can read the list \(file)",
        "chmod 0644 \(file)")
    ]
  }
}
