import Events

/// Counts of what anybody on the machine can cause as often as he likes: at most one alert an hour for each who,
/// always in the same words, and what exactly it was for the log alone. However much comes, it keeps little.
struct RefusedEntries {
  private struct Count {
    var total = 0
    var kinds: [String: Int] = [:]
    var toldAt: Instant?
  }

  private static let pause = TimeSpan(seconds: 3600)
  /// Of one who: so many different ones are named.
  private static let mostKinds = 5
  private static let mostWhos = 100
  private static let others = "others"

  private var counts: [String: Count] = [:]
  /// Of the newest entry, as journald has it: nobody but the clock moves it.
  var now = Instant.distantPast

  mutating func add(_ kind: String, by who: String, _ number: Int = 1) {
    let who = counts[who] != nil || counts.count < Self.mostWhos ? who : Self.others
    var count = counts[who] ?? Count()
    count.total += number
    let kind = String(kind.prefix(300))
    if count.kinds[kind] != nil || count.kinds.count < Self.mostKinds {
      count.kinds[kind, default: 0] += number
    }
    counts[who] = count
  }

  /// What is to be told now.
  /// - Parameters:
  ///   - alert: the words for one who.
  ///   - detail: the words for a number of one kind.
  mutating func take(
    alert: (String) -> String, detail: (Int, String) -> String
  ) -> [SourceNote] {
    var notes: [SourceNote] = []
    for (who, count) in counts.sorted(by: { $0.key < $1.key }) {
      let isFresh = count.toldAt.map { now - $0 < Self.pause && now >= $0 } ?? false
      if count.total == 0, !isFresh { counts[who] = nil }
      if count.total == 0 || isFresh { continue }
      notes.append(SourceNote(alert(who), isAlert: true))
      for (kind, number) in count.kinds.sorted(by: { $0.key < $1.key }) {
        notes.append(SourceNote(detail(number, kind)))
      }
      let unnamed = count.total - count.kinds.values.reduce(0, +)
      if unnamed > 0 { notes.append(SourceNote(detail(unnamed, "others of \(who)"))) }
      counts[who] = Count(toldAt: now)
    }
    return notes
  }
}
