import Events

/// What must never count against a customer: trouble that everybody has.
///
/// For each remote provider, and over all of them, the last result of every sender within three hours
/// is kept. Where most of several independent senders fail, it is the provider or our own
/// listing; its failures then count for no account until that has passed. One spammer, however
/// loud, is one sender and never makes it true.
struct HostRules {
  struct Settings {
    var span = TimeSpan(seconds: 3 * 3600)
    /// How many senders must fail, and what share of all who tried.
    var senders = 3
    var share = 0.4
    /// The same over all providers, for `reputation` alone.
    var everyoneSenders = 6
    var everyoneShare = 0.3
  }

  let settings = Settings()
  private var providers: [HashKey: Senders] = [:]
  private var everyone = Senders()

  struct Senders {
    private var last: [HashKey: (at: Int64, failed: Bool)] = [:]
    private(set) var failing = 0
    private var swept: Int64 = 0
    /// When a failure that everybody has was seen last.
    private(set) var failedAt = Instant.distantPast

    var count: Int { last.count }

    func isActive(since second: Int64) -> Bool { last.values.contains { $0.at >= second } }

    enum State { case well, fails, began }

    /// Takes a sender's result, and says whether the others fail too, where this one failed.
    mutating func add(
      _ subject: Int32, failed: Bool, at now: Instant, _ span: TimeSpan, _ senders: Int,
      _ share: Double
    ) -> State {
      let second = now.seconds
      if second - swept >= 600 { sweep(before: second - span.seconds, second) }
      if let before = last.updateValue((second, failed), forKey: HashKey(UInt64(subject) + 1)),
        before.failed
      {
        failing -= 1
      }
      guard failed else { return .well }
      failing += 1
      // Its own result is left out of the account.
      guard failing >= senders, Double(failing - 1) >= share * Double(count - 1) else {
        return .well
      }
      defer { failedAt = now }
      return now - failedAt > span ? .began : .fails
    }

    private mutating func sweep(before: Int64, _ second: Int64) {
      swept = second
      last = last.filter { $0.value.at >= before }
      failing = last.values.reduce(0) { $0 + ($1.failed ? 1 : 0) }
    }
  }

  /// What a result says about everybody.
  struct Judgement {
    /// It counts for no account.
    var isDiscounted = false
    /// The operator is to be told: this provider has begun to fail for everybody.
    var providerBegan = false
    /// Our own reputation has: we are listed.
    var listingBegan = false
  }

  /// - Parameter provider: the hash of the relay's domain; 0 is unknown.
  mutating func judge(
    _ replyClass: ReplyClass, provider: UInt64, subject: Int32, at now: Instant
  ) -> Judgement {
    let isOurs = replyClass == .reputation
    let isFailure =
      isOurs || replyClass == .unreachable || replyClass == .rateLimited
      || replyClass == .policy || replyClass == .other
    var judgement = Judgement()
    if provider != 0 {
      let state = providers[HashKey(provider), default: Senders()].add(
        subject, failed: isFailure, at: now, settings.span, settings.senders, settings.share)
      judgement.isDiscounted = state != .well
      judgement.providerBegan = state == .began
    }
    let state = everyone.add(
      subject, failed: isOurs, at: now, settings.span, settings.everyoneSenders,
      settings.everyoneShare)
    if state != .well { judgement.isDiscounted = true }
    judgement.listingBegan = state == .began
    return judgement
  }

  /// Providers of whom results are kept.
  var count: Int { providers.count }

  /// Of a provider who is not asked any more nothing counts: thousands of small ones come and go.
  mutating func sweep(_ now: Instant) {
    let begin = now - settings.span
    providers = providers.filter {
      $0.value.isActive(since: begin.seconds) && ($0.value.count > 1 || $0.value.failedAt > begin)
    }
  }
}

// MARK: Bytes

extension HostRules {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&providers, or: (HashKey(0), Senders())) {
      (provider, senders, archive) throws(SnapshotError) in
      try archive.keep(&provider)
      try senders.keep(in: &archive)
    }
    try everyone.keep(in: &archive)
  }
}

extension HostRules.Senders {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&last, or: (HashKey(0), (0, false))) {
      (sender, result, archive) throws(SnapshotError) in
      try archive.keep(&sender)
      try archive.keep(&result.at)
      try archive.keep(&result.failed)
    }
    try archive.keep(&failing)
    try archive.keep(&swept)
    try archive.keep(&failedAt)
  }
}
