import Engine

/// Whose mailboxes these are, and whom to tell.
struct DirectoryExamination: Examination {
  static let area = Finding.Area.directory
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    var directory = Directory()
    if let file = settings.directory("accounts"), let bytes = try? Replay.contents(file) {
      directory.readAccounts(CSVTable(bytes), file: file)
    }
    if let file = settings.directory("sites"), let bytes = try? Replay.contents(file) {
      directory.readSites(CSVTable(bytes), file: file)
    }
    if let file = settings.path("contacts"), let bytes = try? Replay.contents(file) {
      directory.readContacts(CSVTable(bytes), file: file)
    }
    var findings = directory.faults.prefix(20).map {
      finding(false, "directory: \($0)", "correct the line")
    }
    guard !directory.accounts.isEmpty || !directory.sites.isEmpty else {
      return findings + [
        note(
          "no directory: accounts are known from the logs alone, and nobody can be told",
          "name tables of mailboxes and websites in 'accounts' and 'sites'")
      ]
    }
    // A contact that is the mailbox itself, or cannot be told from it, is read by the thief.
    let lonely = directory.accountsWithoutOutsider.count
    let known =
      "\(directory.accounts.count) accounts and \(directory.sites.count) websites are known"
    findings.append(
      lonely == 0
        ? finding(true, known, "")
        : note(
          "\(known); \(lonely) accounts have no contact but themselves",
          "fill in 'contact', or the table 'contacts' for customers and resellers: a thief reads the mailbox itself, so that only the operator is told"
        ))
    return findings
  }
}
