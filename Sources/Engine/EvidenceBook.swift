import Events
import Policy

/// The telling lines of each subject, kept so that a decision can name them: the last few of each kind,
/// and of refusals that tell little a few beside those that tell more.
struct EvidenceBook {
  enum Kind: Int { case refused, login, failure }

  struct Line {
    var kind = Kind.refused
    var replyClass: ReplyClass? = nil
    var file: Int32 = 0
    var line: Int32 = 0
    var time = Instant.distantPast
    var address: NetworkAddress? = nil
    /// From a place new to the account.
    var isNew = false
    /// The windows that counted it, by number modulo 64.
    var windows: UInt64 = 0
    var text: [UInt8] = []

    /// That a server is away, or greylists, tells little.
    var isTelling: Bool { replyClass?.speaksAgainstSender ?? true }
  }

  private static let longest = 240
  /// Of a line that is longer: so much of its head, the rest is for the reply.
  private static let head = 100
  private static let kept = 5
  private var lines: [[Line]] = []

  mutating func add(_ fact: borrowing Fact, _ line: Span<UInt8>, windows: UInt64) {
    guard let kind = kind(fact) else { return }
    let place = Int(fact.subject)
    lines.reach(place, [])
    // Of logins, one from each address.
    if kind != .refused,
      let known = lines[place].firstIndex(where: {
        $0.kind == kind && $0.address == fact.clientAddress
      })
    {
      lines[place][known].windows |= windows
      lines[place][known].time = fact.time
      return
    }
    let isNew = fact.flag(.newPlace)
    // Of a million accounts that work where they always do only the address is kept.
    let fresh = Line(
      kind: kind, replyClass: fact.replyClass, file: fact.log.fileIndex, line: fact.log.line,
      time: fact.time, address: fact.clientAddress, isNew: isNew, windows: windows,
      text: kind != .login || isNew ? Self.text(fact, line) : [])
    makeRoom(place, fresh)
    lines[place].append(fresh)
  }

  /// The line from its program on; where that is too long, its head and what the remote server said.
  static func text(_ fact: borrowing Fact, _ line: Span<UInt8>) -> [UInt8] {
    func bytes(_ start: Int, most: Int) -> [UInt8] {
      let part = line.extracting(start..<min(line.count, start + most))
      return unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
    }
    func clipped(_ start: Int, most: Int) -> [UInt8] {
      bytes(start, most: most) + (line.count > start + most ? "…" : "").utf8
    }
    let start = fact.log.program.hasText ? Int(fact.log.program.start) : 0
    let reply = fact.log.reply.hasText ? Int(fact.log.reply.start) : 0
    guard line.count - start > longest, reply > start + head else {
      return clipped(start, most: longest)
    }
    return bytes(start, most: head) + " … ".utf8 + clipped(reply, most: longest - head)
  }

  private mutating func makeRoom(_ place: Int, _ fresh: Line) {
    var (count, oldest) = (0, -1)
    for index in lines[place].indices
    where lines[place][index].kind == fresh.kind
      && lines[place][index].isTelling == fresh.isTelling
    {
      count += 1
      if oldest < 0 || lines[place][index].time < lines[place][oldest].time { oldest = index }
    }
    if count >= Self.kept { lines[place].remove(at: oldest) }
  }

  private func kind(_ fact: borrowing Fact) -> Kind? {
    switch fact.event {
    case .delivery: fact.replyClass == .accepted ? nil : .refused
    case .login where fact.log.result == .failure: .failure
    case .login, .submission: .login
    default: nil
    }
  }

  /// The strongest lines for a decision: those its windows counted, refusals first, those that tell most
  /// before others, newest first.
  func strongest(_ subject: Int32, windows: UInt64, since: Instant, most: Int = 3) -> [Line] {
    guard Int(subject) < lines.count else { return [] }
    let counted = lines[Int(subject)].filter {
      $0.time >= since && !$0.text.isEmpty && $0.windows & windows != 0
    }
    let ranked = counted.sorted {
      ($0.kind.rawValue, $0.isTelling ? 0 : 1, $1.time.microseconds)
        < ($1.kind.rawValue, $1.isTelling ? 0 : 1, $0.time.microseconds)
    }
    return Array(ranked.prefix(most))
  }

  /// From where the thief works: places new to the account, or where all are old, any.
  func addresses(_ subject: Int32, since: Instant, onlyNew: Bool = false) -> Set<NetworkAddress> {
    guard Int(subject) < lines.count else { return [] }
    let recent = lines[Int(subject)].filter {
      $0.time >= since && $0.kind != .failure && $0.address != nil
    }
    let new = recent.filter(\.isNew)
    return Set((new.isEmpty && !onlyNew ? recent : new).compactMap(\.address))
  }

  /// When the subject was last used from one of these addresses.
  func lastLogin(_ subject: Int32, from isMeant: (NetworkAddress) -> Bool) -> Instant? {
    guard Int(subject) < lines.count else { return nil }
    let meant = lines[Int(subject)].filter { $0.kind == .login && $0.address.map(isMeant) == true }
    return meant.map(\.time).max()
  }

  /// Nothing that happened before `time` decides anything any more.
  mutating func forget(before time: Instant) {
    for place in lines.indices where lines[place].contains(where: { $0.time < time }) {
      lines[place].removeAll { $0.time < time }
    }
  }

  /// The last line of each kind also stands behind these windows.
  mutating func mark(_ subject: Int32, windows: UInt64) {
    guard Int(subject) < lines.count else { return }
    for index in lines[Int(subject)].indices { lines[Int(subject)][index].windows |= windows }
  }

  /// The windows have other numbers: of those that are gone a line tells nothing any more.
  /// - Parameter moved: for each old number modulo 64 the new ones, as a bit set.
  mutating func renumber(_ moved: [UInt64]) {
    for place in lines.indices {
      for index in lines[place].indices where lines[place][index].windows != 0 {
        var (left, windows) = (lines[place][index].windows, UInt64(0))
        while left != 0 {
          windows |= moved[left.trailingZeroBitCount]
          left &= left - 1
        }
        lines[place][index].windows = windows
      }
    }
  }

  mutating func clear(_ subject: Int32) {
    if Int(subject) < lines.count { lines[Int(subject)] = [] }
  }
}

// MARK: Bytes

extension EvidenceBook {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&lines, or: []) { (lines, archive) throws(SnapshotError) in
      try archive.keep(&lines, or: Line()) { (line, archive) throws(SnapshotError) in
        try archive.keep(&line.kind)
        try archive.keep(&line.replyClass, or: .other) { (word, archive) throws(SnapshotError) in
          try archive.keep(&word)
        }
        try archive.keep(&line.file)
        try archive.keep(&line.line)
        try archive.keep(&line.time)
        try archive.keep(&line.address)
        try archive.keep(&line.isNew)
        try archive.keep(&line.windows)
        try archive.keep(&line.text)
      }
    }
  }
}
