import Actions

/// The table that stops accounts while the service is away can be made and asked.
struct TableExamination: Examination {
  static let area = Finding.Area.tables
  let settings: LiveSettings
  private let postfix: Postfix

  init(_ settings: LiveSettings) {
    self.settings = settings
    postfix = Postfix(folder: settings.path("postfix.config"))
  }

  func findings() async -> [Finding] {
    guard postfix.isThere else { return [] }
    var findings = [
      finding(
        await postfix.tableKinds().contains("lmdb"), "Postfix knows lmdb tables",
        "apt install postfix-lmdb")
    ]
    let table = settings["postfix.table"]
    guard InitCommand.exists(table + ".lmdb") else {
      return findings + [
        settings.flag("dry_run")
          ? note("there is no table yet: a dry run makes none")
          : finding(
            false, "the table \(table).lmdb is there",
            "the service makes it at its start; until then Postfix refuses all mail with 451")
      ]
    }
    findings.append(await ask(table))
    return findings
  }

  /// Asks for nobody: an answer without complaint is what a sound table gives.
  private func ask(_ table: String) async -> Finding {
    let options = settings.path("postfix.config").map { ["-c", $0] } ?? []
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
}
