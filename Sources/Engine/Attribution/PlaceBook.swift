import Events

/// From where each account usually works, so that a new place can be told.
///
/// A place is an autonomous system where a database names it, else a country, else a network (/24, /64). It is new for
/// seven days after the account's first login or submission from it, unless the account itself was
/// hardly known then: two days, or twenty logins and submissions.
struct PlaceBook {
  static let newFor: Int64 = 7 * 86_400
  fileprivate static let warmSeconds: Int64 = 2 * 86_400
  fileprivate static let warmCount = 20
  fileprivate static let limit = 256

  fileprivate struct Seen {
    var place: UInt64
    var first, last: Int64
  }

  fileprivate struct Habit {
    var places: [Seen] = []
    var since = Int64.max
    var count = 0
  }

  private var habits: [Habit] = []

  /// Remembers a use of the place, and says whether it is new.
  mutating func see(_ subject: Int32, place: UInt64, second: Int64) -> Bool {
    habits.reach(Int(subject), Habit())
    return habits[Int(subject)].see(place, second)
  }

  /// Whether the account has worked from the place, and for the first time lately.
  func isNew(_ subject: Int32, place: UInt64, second: Int64) -> Bool {
    guard Int(subject) < habits.count else { return false }
    return habits[Int(subject)].places.contains {
      $0.place == place && second - $0.first < Self.newFor
    }
  }

  mutating func forget(_ subject: Int32, since second: Int64) {
    guard Int(subject) < habits.count else { return }
    habits[Int(subject)].places.removeAll { $0.first >= second }
  }

  mutating func clear(_ subject: Int32) {
    if Int(subject) < habits.count { habits[Int(subject)] = Habit() }
  }
}

extension PlaceBook.Habit {
  fileprivate mutating func see(_ place: UInt64, _ second: Int64) -> Bool {
    since = min(since, second)
    count += 1
    if let known = places.firstIndex(where: { $0.place == place }) {
      places[known].last = second
      return second - places[known].first < PlaceBook.newFor
    }
    let isWarm = second - since > PlaceBook.warmSeconds || count > PlaceBook.warmCount
    if places.count == PlaceBook.limit {
      places.remove(at: places.indices.min { places[$0].last < places[$1].last }!)
    }
    // What an unknown account does first is its habit, not a novelty.
    places.append(
      PlaceBook.Seen(place: place, first: isWarm ? second : .min / 2, last: second))
    return isWarm
  }
}

// MARK: Bytes

extension PlaceBook {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&habits, or: Habit()) { (habit, archive) throws(SnapshotError) in
      try archive.keep(&habit.places, or: Seen(place: 0, first: 0, last: 0)) {
        (seen, archive) throws(SnapshotError) in
        try archive.keep(&seen.place)
        try archive.keep(&seen.first)
        try archive.keep(&seen.last)
      }
      try archive.keep(&habit.since)
      try archive.keep(&habit.count)
    }
  }
}
