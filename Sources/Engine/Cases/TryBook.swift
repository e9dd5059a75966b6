import Events

/// Who goes on trying while a subject's sending is stopped: counts by address, since it was stopped.
struct TryBook {
  struct Tries: Equatable {
    var count = 0
    var last = Instant.distantPast
    /// The recipient of the last try.
    var recipient = ""
  }

  private struct Book {
    var since: Instant
    var clients: [NetworkAddress: Tries] = [:]
    /// Further addresses, and tries without one.
    var others = Tries()
  }

  /// Addresses that are told apart for one subject.
  private static let room = 50
  private var books: [Int32: Book] = [:]

  mutating func note(
    _ subject: Int32, stoppedAt: Instant, from address: NetworkAddress?, recipient: String,
    at now: Instant
  ) {
    var book = books.removeValue(forKey: subject) ?? Book(since: stoppedAt)
    if book.since != stoppedAt { book = Book(since: stoppedAt) }
    defer { books[subject] = book }
    func count(_ tries: inout Tries) {
      tries.count += 1
      tries.last = now
      tries.recipient = String(recipient.prefix(100))
    }
    if let address, book.clients[address] != nil || book.clients.count < Self.room {
      count(&book.clients[address, default: Tries()])
    } else {
      count(&book.others)
    }
  }

  /// Those who try most first; nil stands for all others.
  func tries(_ subject: Int32) -> [(address: NetworkAddress?, tries: Tries)] {
    guard let book = books[subject] else { return [] }
    let known = book.clients.sorted {
      $0.value.count != $1.value.count
        ? $0.value.count > $1.value.count : $0.key.description < $1.key.description
    }
    return known.map { ($0.key, $0.value) } + (book.others.count > 0 ? [(nil, book.others)] : [])
  }

  mutating func clear(_ subject: Int32) { books[subject] = nil }
}

// MARK: Bytes

extension TryBook.Tries {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&count)
    try archive.keep(&last)
    try archive.keep(&recipient)
  }
}

extension TryBook {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&books, or: (0, Book(since: .distantPast))) {
      (subject, book, archive) throws(SnapshotError) in
      try archive.keep(&subject)
      try archive.keep(&book.since)
      var clients = book.clients.sorted { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) }
        .map { ($0.key, $0.value) }
      try archive.keep(&clients, or: (NetworkAddress(v4: 0), Tries())) {
        (client, archive) throws(SnapshotError) in
        try archive.keep(&client.0)
        try client.1.keep(in: &archive)
      }
      book.clients = Dictionary(clients, uniquingKeysWith: { $1 })
      try book.others.keep(in: &archive)
    }
  }
}
