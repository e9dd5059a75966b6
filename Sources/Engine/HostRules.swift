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
    private var last: [Int32: (at: Int64, failed: Bool)] = [:]
    private(set) var failing = 0
    private var swept: Int64 = 0
    /// When a failure that everybody has was seen last.
    var toldAt = Instant.distantPast

    var count: Int { last.count }

    mutating func add(_ subject: Int32, failed: Bool, second: Int64, span: Int64) {
      if second - swept >= 600 { sweep(before: second - span, second) }
      if let before = last[subject], before.failed { failing -= 1 }
      last[subject] = (second, failed)
      if failed { failing += 1 }
    }

    private mutating func sweep(before: Int64, _ second: Int64) {
      swept = second
      last = last.filter { $0.value.at >= before }
      failing = last.values.reduce(0) { $0 + ($1.failed ? 1 : 0) }
    }

    /// Apart from `subject` itself: whether the others fail too.
    func fail(senders: Int, share: Double, except subject: Int32) -> Bool {
      guard failing >= senders else { return false }
      let own = last[subject]
      let others = count - (own == nil ? 0 : 1)
      let failingOthers = failing - (own?.failed == true ? 1 : 0)
      return failingOthers >= senders - 1 && Double(failingOthers) >= share * Double(others)
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
    let second = now.seconds
    let span = settings.span.seconds
    let isOurs = replyClass == .reputation
    let isFailure =
      isOurs || replyClass == .unreachable || replyClass == .rateLimited
      || replyClass == .policy || replyClass == .other
    var judgement = Judgement()
    if provider != 0 {
      providers[HashKey(provider), default: Senders()].add(
        subject, failed: isFailure, second: second, span: span)
      let fails = providers[HashKey(provider)]!.fail(
        senders: settings.senders, share: settings.share, except: subject)
      if fails {
        judgement.isDiscounted = isFailure
        if isFailure {
          // Told when it begins; it goes on for as long as failures come.
          judgement.providerBegan = now - providers[HashKey(provider)]!.toldAt > settings.span
          providers[HashKey(provider)]!.toldAt = now
        }
      }
    }
    everyone.add(subject, failed: isOurs, second: second, span: span)
    if everyone.fail(
      senders: settings.everyoneSenders, share: settings.everyoneShare, except: subject)
    {
      if isOurs {
        judgement.isDiscounted = true
        judgement.listingBegan = now - everyone.toldAt > settings.span
        everyone.toldAt = now
      }
    }
    return judgement
  }

  mutating func sweep(_ now: Instant) {
    providers = providers.filter { $0.value.count > 1 || $0.value.toldAt > now - settings.span }
  }
}
