import Events

/// What the engine remembers of a message in the queue.
struct QueuedMessage {
  enum Origin: UInt8 {
    /// From outside, for our customers: nobody's sending.
    case incoming
    /// By an account or a site: `subject`.
    case submitted
    /// From this machine without a login: a content filter's second copy, until its first is found,
    /// or a program that speaks SMTP to the loopback address.
    case local
    /// A bounce, a forward or a notice that the mail system itself made.
    case system
    /// Its submission stands in no log that was read.
    case unknown
  }

  var origin: Origin
  var isLive = true
  var isRemoved = false
  /// Its `message` has been counted: the queue manager names it again at each activation.
  var isAnnounced = false
  /// It came while its subject's sending was held or suspended: its results are no evidence.
  var wasStopped = false
  /// A content filter's second copy: its message has been counted under its first id.
  var isSecondCopy = false
  /// Of a second copy: who is to give it back, a place in `LocalRelays`, or -1.
  var relay: LocalRelays.Place = -1
  var generation: UInt32 = 0
  /// The place in `Subjects`, or -1.
  var subject: Int32 = -1
  var submittedAt: Instant
  var clientAddress: NetworkAddress? = nil
  /// It was submitted from a place new to its account.
  var isFromNewPlace = false
  /// The place in `ScriptBook`, or -1.
  var script: Int32 = -1
  /// How many recipients the queue manager named.
  var recipientCount: Int32 = 0
  /// Whether `Attribution.recipients` has something about it.
  var hasRecipients = false

  init(origin: Origin, subject: Int32 = -1, submittedAt: Instant) {
    (self.origin, self.subject, self.submittedAt) = (origin, subject, submittedAt)
  }
}

/// What is remembered of a message's recipients, of the few messages for which that is needed: apart
/// from the others, so that those are plain numbers.
struct SeenRecipients {
  /// Hashes of those seen deferred, so that a retry does not count again.
  var deferred: [UInt64] = []
  /// The providers' answers so far that hold for the whole message.
  var answers: [UInt64] = []
}

// MARK: Bytes

extension QueuedMessage {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&origin)
    try archive.keep(&isLive)
    try archive.keep(&isRemoved)
    try archive.keep(&isAnnounced)
    try archive.keep(&wasStopped)
    try archive.keep(&isSecondCopy)
    try archive.keep(&relay)
    try archive.keep(&generation)
    try archive.keep(&subject)
    try archive.keep(&submittedAt)
    try archive.keep(&clientAddress)
    try archive.keep(&isFromNewPlace)
    try archive.keep(&script)
    try archive.keep(&recipientCount)
    try archive.keep(&hasRecipients)
  }
}

extension SeenRecipients {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&deferred)
    try archive.keep(&answers)
  }
}
