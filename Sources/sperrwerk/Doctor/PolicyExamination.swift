import Engine
import Events
import Policy

/// The policies and lists load, and what is protected.
struct PolicyExamination: Examination {
  static let area = Finding.Area.policies
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    let set = PolicySet(directory: settings["policies"])
    let now = MachineClock.wall
    let protected = set.lists.entries.filter {
      $0.kind == .protect && $0.from <= now && now < $0.until
    }
    let ended = set.lists.entries.count { $0.until <= now }
    return [
      finding(
        set.errors.isEmpty, "policies in \(settings["policies"]): \(set.policies.count)",
        set.errors.map { "\($0)" }.joined(separator: "\n")),
      Finding(
        area: .protection, state: .note,
        what: "never stopped by itself: postmaster, abuse, hostmaster, system users, uids that "
          + "several sites share, and \(protected.count) of your lists"
          + (ended > 0 ? "; \(ended) list entries have ended" : ""),
        remedy: ended > 0 ? "renew or remove them: 'sperrwerk lists' names them" : nil),
    ]
  }
}
