import Events

/// The programs on this machine that mail is handed to, by their address and port: a content filter gives it back
/// under another id, and only what becomes of that counts; a relay on its way out has the last word itself.
struct LocalRelays {
  typealias Place = Int8
  private struct Relay {
    var hash: UInt64 = 0
    var givesBack = false
    var handed: Int32 = 0
  }

  private static let most = 100
  /// Who has given back none of so many gives nothing back.
  private static let patience: Int32 = 1000
  /// What comes back later than that under an id is another message.
  static let soon = TimeSpan(seconds: 600)
  private var relays: [Relay] = []

  /// - Returns: -1 where there are too many to be told apart.
  mutating func place(_ hash: UInt64) -> Place {
    if let known = relays.firstIndex(where: { $0.hash == hash }) { return Place(known) }
    guard relays.count < Self.most else { return -1 }
    relays.append(Relay(hash: hash))
    return Place(relays.count - 1)
  }

  /// Whether what was handed to it has ever come back.
  func givesBack(_ place: Place) -> Bool { place >= 0 && relays[Int(place)].givesBack }

  /// Another mail is handed to it.
  /// - Returns: whether it may yet come back.
  mutating func hand(_ place: Place) -> Bool {
    guard place >= 0, !relays[Int(place)].givesBack else { return true }
    guard relays[Int(place)].handed < Self.patience else { return false }
    relays[Int(place)].handed += 1
    return true
  }

  mutating func gaveBack(_ place: Place) { if place >= 0 { relays[Int(place)].givesBack = true } }

  /// The address and port of a program on this machine that took the mail; nil of another machine.
  static func hash(_ event: LogEvent, _ line: Span<UInt8>) -> UInt64? {
    guard event.relay.hasText else { return nil }
    let relay = event.relay.range
    var start = relay.lowerBound
    for index in relay where line[index] == UInt8(ascii: "[") {
      start = index + 1
      break
    }
    var end = start
    while end < relay.upperBound, line[end] != UInt8(ascii: "]"),
      line[end] != UInt8(ascii: ":") || start == relay.lowerBound
    {
      end += 1
    }
    let isHere =
      if let address = NetworkAddress(line.extracting(start..<end)) { address.isLoopback } else {
        end > start && line[start] == UInt8(ascii: "/")
      }
    return isHere ? FieldHash.lowercased(line, start..<relay.upperBound) : nil
  }
}

// MARK: Bytes

extension LocalRelays {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&relays, or: Relay()) { (relay, archive) throws(SnapshotError) in
      try archive.keep(&relay.hash)
      try archive.keep(&relay.givesBack)
      try archive.keep(&relay.handed)
    }
  }
}
