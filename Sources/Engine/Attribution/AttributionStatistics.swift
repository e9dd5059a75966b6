/// How much of the mail somebody here is known to have sent.
struct AttributionStatistics {
  /// Messages that somebody here sent, as far as the log tells, and those of them that no login and no uid stands
  /// behind: programs that speak SMTP to this machine, or mail older than the log.
  var messages = 0
  var unattributed = 0
  /// Results that waited for their message to be named, more than have room.
  var waitingDropped = 0
  /// How much of what had no room was told.
  var toldDropped = 0
}

// MARK: Bytes

extension AttributionStatistics {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&messages)
    try archive.keep(&unattributed)
    try archive.keep(&waitingDropped)
    try archive.keep(&toldDropped)
  }
}
