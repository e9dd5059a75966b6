import Collectors
import Events

/// The systemd journal, where it is followed, can be read and has the mail system's lines.
struct JournalExamination: Examination {
  static let area = Finding.Area.logs
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    guard let place = settings.path("journal") else { return [] }
    do {
      let tail = try JournalTail(
        place, matches: settings.list("journal_matches"),
        since: MachineClock.wall - LogExamination.silence, writers: .ofThisHost)
      while tail.advance() {}
      if let fault = tail.fault { throw fault }
      let events = tail.statistics.events
      let forged = tail.takeNotes().map { note("\($0)", "find who writes them") }
      return [
        finding(
          events > 0, "\(tail.path): \(events) entries of the last hours tell of mail",
          "let this user read the journal (group systemd-journal), and see 'journal_matches'")
      ] + forged
    } catch {
      return [finding(false, "the journal can be read", "\(error)")]
    }
  }
}
