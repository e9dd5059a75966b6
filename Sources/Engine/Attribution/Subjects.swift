import Events

/// All accounts and sites that were seen or that the directory names.
package struct Subjects: ~Copyable {
  typealias Place = Int32

  /// In an order that leaves no gaps: there are a million of them.
  struct Subject {
    var name: String
    var hash: UInt64
    var uid: Int32 = -1
    var customer: Int32 = -1
    var reseller: Int32 = -1
    var openCase: Int32 = -1
    /// When sending was last opened again; what was submitted before is no evidence.
    var restoredAt = Instant.distantPast
    /// Whether sending is held or suspended now, and since when.
    var stoppedAt: Instant? = nil
    var isSite = false
    var isKnown = false
    var inProbation = false
    /// It has logged in or sent: a stranger's guesses alone make no account.
    var hasHistory = false
    /// A new place or a new password: what the lists allowed before was allowed to somebody else.
    var liftedAt = Instant.distantPast
    /// Protected, and the operator has been told: not looked at again before then.
    var quietUntil = Instant.distantPast
    /// Seconds; for giving the place back.
    var lastSeen: Int64 = 0
  }

  private var list: [Subject] = []
  private var places: [HashKey: Place] = [:]
  private var free: [Place] = []
  private var groups: [String: Int32] = [:]
  private var groupNames: [String] = []

  init() {}

  var count: Int { places.count }
  var indices: Range<Place> { 0..<Place(list.count) }

  subscript(place: Place) -> Subject {
    _read { yield list[Int(place)] }
    _modify { yield &list[Int(place)] }
  }

  func customerName(of place: Place) -> String? { groupName(list[Int(place)].customer) }
  func resellerName(of place: Place) -> String? { groupName(list[Int(place)].reseller) }
  private func groupName(_ group: Int32) -> String? { group < 0 ? nil : groupNames[Int(group)] }

  /// A login as one account: ASCII letters in lower case, no blanks at its ends, and of Dovecot's
  /// master logins (`user*master`) the user.
  package static func canonical(_ login: String) -> String {
    let lower = login.lowercased()
    let bare =
      lower.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
    let start = bare.drop { $0 == " " }
    return String(
      start[..<(start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex)])
  }

  /// The account's place, made where it is new. The hash of the login as logged finds it without
  /// making a string.
  mutating func account(_ line: Span<UInt8>, _ login: Range<Int>, second: Int64) -> Place {
    var login = login
    while login.count > 1, line[login.upperBound - 1] == UInt8(ascii: " ") {
      login = login.lowerBound..<login.upperBound - 1
    }
    let hash = FieldHash.lowercased(line, login)
    if let place = places[HashKey(hash)] {
      list[Int(place)].lastSeen = second
      return place
    }
    let name = Self.canonical(String(copying: line.extracting(login)))
    let canonical = FieldHash.lowercased(name)
    if canonical != hash, let place = places[HashKey(canonical)] {
      list[Int(place)].lastSeen = second
      return place
    }
    return insert(Subject(name: name, hash: canonical, lastSeen: second))
  }

  /// The account's place if it is known: a stranger's guesses alone make no account.
  func known(_ line: Span<UInt8>, _ login: Range<Int>) -> Place? {
    places[HashKey(FieldHash.lowercased(line, login))]
  }

  mutating func site(uid: Int32, second: Int64) -> Place {
    let name = "uid:\(uid)"
    let hash = FieldHash.mix(UInt64(bitPattern: Int64(uid)), 0x5173)
    if let place = places[HashKey(hash)] {
      list[Int(place)].lastSeen = second
      return place
    }
    return insert(Subject(name: name, hash: hash, uid: uid, isSite: true, lastSeen: second))
  }

  func find(_ name: String) -> Place? {
    if name.hasPrefix("uid:"), let uid = Int32(name.dropFirst(4)) {
      return places[HashKey(FieldHash.mix(UInt64(bitPattern: Int64(uid)), 0x5173))]
    }
    return places[HashKey(FieldHash.lowercased(Self.canonical(name)))]
  }

  /// The place of a name that no log has mentioned yet; nil where it can be no subject's.
  mutating func make(_ name: String) -> Place? {
    if name.hasPrefix("uid:") {
      return Int32(name.dropFirst(4)).flatMap { $0 >= 0 ? site(uid: $0, second: 0) : nil }
    }
    let name = Self.canonical(name)
    guard !name.isEmpty, !name.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else { return nil }
    return insert(Subject(name: name, hash: FieldHash.lowercased(name)))
  }

  private mutating func insert(_ subject: Subject) -> Place {
    let place: Place
    if let reused = free.popLast() {
      place = reused
      list[Int(place)] = subject
    } else {
      place = Place(list.count)
      list.reach(list.count, subject)
    }
    places[HashKey(subject.hash)] = place
    return place
  }

  /// Fills in the directory; names that no log has mentioned yet get their places too, and of those that have left
  /// it nothing is known any more. A customer keeps its number, by which windows count.
  mutating func adopt(_ directory: Directory) {
    for place in list.indices {
      list[place].isKnown = false
      (list[place].customer, list[place].reseller) = (-1, -1)
    }
    for (name, entry) in directory.accounts.sorted(by: { $0.key < $1.key }) {
      let place = find(name) ?? insert(Subject(name: name, hash: FieldHash.lowercased(name)))
      describe(place, entry)
    }
    for (uid, entry) in directory.sites.sorted(by: { $0.key < $1.key }) {
      describe(site(uid: uid, second: 0), entry)
    }
  }

  private mutating func describe(_ place: Place, _ entry: Directory.Entry) {
    list[Int(place)].isKnown = true
    list[Int(place)].customer = group(entry.customer.map { "customer \($0)" })
    list[Int(place)].reseller = group(entry.reseller.map { "reseller \($0)" })
  }

  private mutating func group(_ name: String?) -> Int32 {
    guard let name else { return -1 }
    if let known = groups[name] { return known }
    groups[name] = Int32(groupNames.count)
    groupNames.append(String(name.drop { $0 != " " }.dropFirst()))
    return Int32(groupNames.count - 1)
  }

  /// Gives back the place of a subject of which nothing else is kept.
  mutating func remove(_ place: Place) {
    places[HashKey(list[Int(place)].hash)] = nil
    list[Int(place)] = Subject(name: "", hash: 0)
    free.append(place)
  }

  /// Gives back strangers that nobody has seen since `second`: names that were only guessed.
  /// - Returns: their places, whose state must be cleared.
  mutating func sweep(before second: Int64) -> [Place] {
    var gone: [Place] = []
    for place in list.indices
    where !list[place].isKnown && !list[place].hasHistory && list[place].openCase < 0
      && list[place].lastSeen < second && list[place].hash != 0
    {
      remove(Place(place))
      gone.append(Place(place))
    }
    return gone
  }
}

// MARK: Bytes

extension Subjects {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&list, or: Subject(name: "", hash: 0)) {
      (subject, archive) throws(SnapshotError) in try subject.keep(in: &archive)
    }
    try archive.keep(&free)
    try archive.keep(&groupNames)
    try archive.keep(&groups, or: ("", 0)) { (name, number, archive) throws(SnapshotError) in
      try archive.keep(&name)
      try archive.keep(&number)
    }
    guard archive.isReading else { return }
    places = [:]
    for place in list.indices where list[place].hash != 0 {
      places[HashKey(list[place].hash)] = Place(place)
    }
  }
}

extension Subjects.Subject {
  fileprivate mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&name)
    try archive.keep(&hash)
    try archive.keep(&isSite)
    try archive.keep(&uid)
    try archive.keep(&isKnown)
    try archive.keep(&customer)
    try archive.keep(&reseller)
    try archive.keep(&restoredAt)
    try archive.keep(&stoppedAt)
    try archive.keep(&openCase)
    try archive.keep(&inProbation)
    try archive.keep(&liftedAt)
    try archive.keep(&quietUntil)
    try archive.keep(&lastSeen)
    try archive.keep(&hasHistory)
  }
}
