package import Events

/// How many results of the last day spoke against a sender, and how many senders were stopped, by ten minutes of
/// engine time: what the staff's page draws.
package struct DayCounts: Equatable, Sendable {
  package static let slots = 144
  package static let slotSeconds: Int64 = 600

  package struct Slot: Equatable, Sendable {
    package var rejections = 0
    package var suspensions = 0
    package init() {}
  }

  /// Rings: the place of a time is its slot's number modulo 144.
  private var rejections = [Int](repeating: 0, count: slots)
  private var suspensions = [Int](repeating: 0, count: slots)
  /// The latest slot's number, counted from 1970.
  private var latest: Int64 = 0

  package init() {}

  package mutating func countRejection(at time: Instant) {
    if let place = reach(time) { rejections[place] += 1 }
  }

  package mutating func countSuspension(at time: Instant) {
    if let place = reach(time) { suspensions[place] += 1 }
  }

  /// The day before a time, oldest first; the last slot is the time's own.
  package func day(before time: Instant) -> [Slot] {
    let end = time.seconds / Self.slotSeconds
    return (0..<Int64(Self.slots)).map { offset in
      let number = end - Int64(Self.slots) + 1 + offset
      var slot = Slot()
      if number <= latest, number > latest - Int64(Self.slots), number >= 0 {
        slot.rejections = rejections[Self.place(number)]
        slot.suspensions = suspensions[Self.place(number)]
      }
      return slot
    }
  }

  /// The place of a time, once what lies between is empty; nil where it is older than the ring.
  private mutating func reach(_ time: Instant) -> Int? {
    let number = time.seconds / Self.slotSeconds
    if number > latest {
      for gone in max(latest + 1, number - Int64(Self.slots) + 1)...number {
        rejections[Self.place(gone)] = 0
        suspensions[Self.place(gone)] = 0
      }
      latest = number
    }
    return number >= 0 && number > latest - Int64(Self.slots) ? Self.place(number) : nil
  }

  private static func place(_ number: Int64) -> Int { Int(number % Int64(slots)) }
}

extension ReplyClass {
  /// The remote server refused the mail for what it is, or for whom it comes from.
  var speaksAgainstSender: Bool {
    switch self {
    case .spam, .reputation, .policy, .userUnknown: true
    default: false
    }
  }
}

// MARK: Bytes

extension DayCounts {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&latest)
    try archive.keep(&rejections)
    try archive.keep(&suspensions)
    guard rejections.count == Self.slots, suspensions.count == Self.slots else {
      throw SnapshotError(offset: 0)
    }
  }
}
