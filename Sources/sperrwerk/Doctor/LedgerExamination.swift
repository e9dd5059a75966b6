import Store

/// The ledger is sound, where there is one.
struct LedgerExamination: Examination {
  static let area = Finding.Area.ledger
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    // Looking must not make it: it would be this user's and not the service's.
    guard InitCommand.exists(settings.ledger) else {
      return [note("there is no ledger yet; the service makes \(settings.ledger)")]
    }
    do {
      _ = try LedgerStore(settings.ledger)
      return [finding(true, "the ledger \(settings.ledger) is sound", "")]
    } catch {
      return [finding(false, "the ledger \(settings.ledger) is sound", "\(error)")]
    }
  }
}
