import Events

/// The mail servers whose lines the log has: a host and an instance of Postfix on it.
///
/// The instance is the first part of the tag, so that `postfix/submission/smtpd` and `postfix/qmgr`
/// are one and `postfix-out/smtp` is another.
struct Servers {
  private var numbers: [UInt64: UInt32] = [:]
  private var lastHash: UInt64 = 0
  private var lastNumber: UInt32 = 0

  /// A queue snapshot does not say whose it is; any server's will do.
  var all: ClosedRange<UInt32> { 1...UInt32(max(1, numbers.count)) }

  mutating func number(_ event: LogEvent, _ line: Span<UInt8>) -> UInt32 {
    let hash = hash(event, line)
    if hash == lastHash { return lastNumber }
    let number = numbers[hash] ?? UInt32(numbers.count + 1)
    numbers[hash] = number
    (lastHash, lastNumber) = (hash, number)
    return number
  }

  private func hash(_ event: LogEvent, _ line: Span<UInt8>) -> UInt64 {
    var hash = FieldHash.mix(event.instance, UInt64(event.software.rawValue))
    if event.host.hasText {
      hash = FieldHash.mix(hash, FieldHash.lowercased(line, event.host.range))
    }
    return hash
  }
}

extension Servers {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&numbers, or: (0, 0)) { (hash, number, archive) throws(SnapshotError) in
      try archive.keep(&hash)
      try archive.keep(&number)
    }
    (lastHash, lastNumber) = (0, 0)
  }
}
