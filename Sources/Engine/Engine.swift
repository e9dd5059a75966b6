package import Events
package import Policy

/// The whole pipeline behind the collectors: one totally ordered sequence of inputs in, transitions out.
///
/// It never waits and reads no clock: its time is that of its inputs. Same inputs, same policies:
/// the same transitions, byte for byte.
package struct Engine: ~Copyable {
  package struct Settings: Codable, Sendable {
    /// Cases wait for the customer's report (the contact form); a replay without reports does not.
    package var needsReport = false
    /// A relapse, or what a thief's own change of the password has touched, is restored by staff alone; a
    /// replay has none, and goes by the password.
    package var relapseNeedsStaff = false
    /// A change of the password so soon after a login from an address of the case may be the thief's own.
    package var thiefQuiet = TimeSpan(seconds: 600)
    /// Customers are told; a replay tells nobody.
    package var notifies = false
    /// As in a dry run: it is only said who would be told.
    package var rehearses = false
    /// This service's own uid: what it hands over from nobody is its notices, and nobody's mail. -1 is unknown.
    package var ownUID: Int32 = -1
    /// Beside loopback: many share these addresses, a webmail server's users for one, so they are nobody's place.
    package var ownNetworks: [AddressRange] = []
    package var brakes = Brakes.Settings()
    package var probation = TimeSpan(seconds: 14 * 86_400)
    /// Messages in the queue that are remembered at most.
    package var queueLimit = 2_000_000
    /// How long a case is kept after it is over; nil keeps all.
    package var keep: TimeSpan? = nil
    /// A subject whose nearness to every policy is recorded, for `explain`.
    package var focus: String? = nil

    package init() {}
  }

  /// Tells what a remote server's reply means: fills in an event's `replyClass`.
  package typealias Classify = (inout LogEvent, Span<UInt8>) -> Void

  package private(set) var settings: Settings
  private(set) var classify: Classify
  /// Messages that somebody here sent, and how many of them nobody is known to have.
  package var outgoing: (messages: Int, unattributed: Int) {
    (attribution.statistics.messages, attribution.statistics.unattributed)
  }

  /// Exim has sent mail of local users whom no table of websites names.
  package internal(set) var hasUnknownUsers = false

  package internal(set) var now = Instant.distantPast
  /// Before this time nothing is decided, and nothing ever on what happened before it: the engine reads old logs and
  /// follows the ledger. A log that is found only later tells of old times too.
  var decidesFrom: Instant
  package internal(set) var statistics = EngineStatistics()
  package internal(set) var day = DayCounts()
  package internal(set) var cases = CaseBook()
  package internal(set) var transitions: [Transition] = []
  /// An operator has stopped all automatic actions; nil while they go on.
  package internal(set) var pause: StatusReport.Pause?
  var nearness: [String: Explanation.Policy] = [:]

  package internal(set) var fileNames: [String]
  private(set) var policySet: PolicySet
  /// Those of the policies' files, and the operators' own.
  var lists: PolicyLists
  /// What operators have allowed by their own word.
  var entries: [ListReport.Entry] = []
  private(set) var compiled: [CompiledPolicy]
  /// The handlers that each kind of event asks.
  private(set) var accountAsks, siteAsks: [[CompiledPolicy.Ask]]
  /// The kinds of event for which a window must know where an address is.
  private(set) var asksPlace: [Bool]
  var subjects = Subjects()
  var attribution: Attribution
  var windows: WindowStore
  var geo: Geo
  var directory: Directory
  var hostRules = HostRules()
  var brakes = Brakes()
  var evidence = EvidenceBook()
  var places = PlaceBook()
  var journeys = Journey()
  var tries = TryBook()
  var scripts = ScriptBook()
  var sent: [Buckets] = []
  let view = EventView()
  var alertedAt: [String: Instant] = [:]
  /// While the ledger is followed: the last word of the brakes.
  var followedBrake: (subject: String?, time: Instant)?
  /// The stopped cases in which a client is evidence, by `NetworkAddress.client`.
  var thieves: [NetworkAddress: [Int]] = [:]
  /// Handlers that have decided about a subject, by both, and are not asked about it for a while.
  var restUntil: [HashKey: Instant] = [:]
  /// The place of `settings.focus`, once it has been seen; else -1.
  private(set) var focus: Int32 = -1
  var swept = Instant.distantPast
  var sweptAll = Instant.distantPast
  /// The serial of the last step that was decided.
  package var serial = 0

  package init(
    settings: Settings, policies: PolicySet, directory: Directory, geo: Geo, fileNames: [String],
    decidesFrom: Instant = .distantPast, classify: @escaping Classify
  ) {
    self.settings = settings
    self.decidesFrom = decidesFrom
    self.classify = classify
    self.fileNames = fileNames
    self.directory = directory
    self.geo = geo
    policySet = policies
    lists = policies.lists
    (compiled, accountAsks, siteAsks, asksPlace) = ([], [], [], [])
    windows = WindowStore([])
    attribution = Attribution(queueLimit: settings.queueLimit)
    brakes.settings = settings.brakes
    subjects.adopt(directory)
    compile()
  }

  /// Makes the policies of `policySet` ready. Windows that are declared as before keep what they hold.
  private mutating func compile() {
    let (compiled, declarations) = CompiledPolicy.compile(policySet.policies)
    self.compiled = compiled
    accountAsks = CompiledPolicy.asks(compiled, forSites: false)
    siteAsks = CompiledPolicy.asks(compiled, forSites: true)
    if let moved = windows.adopt(declarations) { evidence.renumber(moved) }
    let knowsPlaces = geo.knowsAnything
    asksPlace = PolicyEvent.allCases.map { windows.asksPlace($0) && knowsPlaces }
  }

  /// Whether old logs are read, on which nothing is decided any more.
  var isFollowing: Bool { now < decidesFrom }

  /// Takes other policies, settings and another directory. Windows that are declared as before keep what they
  /// hold; open cases go on.
  package mutating func adopt(
    _ policies: PolicySet, _ settings: Settings, _ directory: Directory,
    classify: @escaping Classify
  ) {
    // Numbers of policies mean others then. The tables alone may be taken anew every few minutes.
    if !policies.isSame(as: policySet) { restUntil.removeAll() }
    policySet = policies
    joinLists()
    self.settings = settings
    self.classify = classify
    self.directory = directory
    brakes.settings = settings.brakes
    subjects.adopt(directory)
    compile()
    statistics.failures.removeAll()
  }

  /// The place of a source among `fileNames`, made where it is new.
  package mutating func fileIndex(of name: String) -> Int32 {
    if let place = fileNames.firstIndex(of: name) { return Int32(place) }
    fileNames.append(name)
    return Int32(fileNames.count - 1)
  }

  /// How often an event came too late for a window.
  package var lateCount: Int { windows.late }

  /// Whether anything about `settings.focus` was seen.
  package var knowsFocus: Bool { focus >= 0 }

  package var subjectCount: Int { subjects.count }

  /// The windows' state as a snapshot has it.
  package var stateBytes: Int {
    var writer = SnapshotWriter()
    windows.write(to: &writer)
    return writer.bytes.count
  }

  // MARK: Inputs

  /// Takes the next event. A reply is judged only where it counts: most are tries of the same.
  package mutating func take(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    advance(to: event.time)
    statistics.count(event.kind)
    switch event.kind {
    case .message: message(event, line)
    case .delivery: delivery(event, line)
    case .submission: submission(event, line)
    case .removed: attribution.removed(event, line, at: now)
    case .login: login(event, line)
    case .bounceNotice: attribution.systemMessage(event, line, at: now)
    case .passwordChange: passwordChange(event, line)
    case .queueEntry: queueEntry(event, line)
    case .rejection: rejection(event, line)
    case .script: script(event, line)
    case .held, .attempt, .notice: break
    }
  }

  /// A customer's word that the passwords are renewed.
  package mutating func report(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    advance(to: event.time)
    guard event.saslLogin.hasText,
      let subject = subjects.find(String(copying: line.extracting(event.saslLogin.range)))
    else { return }
    reported(subject)
  }

  /// Lets the timers fire that are due before an input of this time.
  package mutating func advance(to time: Instant) {
    if time <= now { return }
    // What fell due while the ledger is followed stands in it, or fires when that is over.
    if time >= decidesFrom {
      while cases.timers.next < time, let timer = cases.timers.pop(time) {
        now = max(now, timer.due)
        fire(timer)
      }
    }
    now = time
    if now - swept >= TimeSpan(seconds: 600) { sweep() }
  }

  /// Fires the timers that are due by the log's end; the others are pending.
  package mutating func finish() {
    while let timer = cases.timers.pop(now) { fire(timer) }
  }

  private mutating func sweep() {
    swept = now
    attribution.sweep(now)
    let dropped = attribution.takeDropped()
    if dropped > 0 {
      alert(
        "\(dropped) queued messages, or results of some, found no room within ten minutes: whose they are is not "
          + "known any more; more than \(settings.queueLimit) messages are in the queue", at: now)
    }
    statistics.peakQueue = max(statistics.peakQueue, attribution.queue.count)
    guard now - sweptAll >= TimeSpan(seconds: 3600) else { return }
    sweptAll = now
    forgetOldCases()
    windows.sweep(now)
    hostRules.sweep(now)
    evidence.forget(before: now - TimeSpan(seconds: 8 * 86_400))
    for place in subjects.sweep(before: now.seconds - 2 * 86_400) { clear(place) }
    restUntil = restUntil.filter { $0.value > now }
    alertedAt = alertedAt.filter { now - $0.value < TimeSpan(seconds: 86_400) }
  }

  // MARK: Logins

  private mutating func login(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    guard attribution.isFirstLine(copy event, line, second: event.time.seconds) else { return }
    let subject: Int32
    if event.result == .failure {
      subject =
        event.saslLogin.hasText ? subjects.known(line, event.saslLogin.range) ?? -1 : -1
    } else {
      subject = self.subject(of: event, line)
    }
    var fact = fact(.login, event, subject)
    fact.clientAddress = client(event)
    if event.result == .success, subject >= 0 {
      subjects[subject].hasHistory = true
      fact.set(.newPlace, seesNewPlace(subject, fact.clientAddress))
      noteAddress(fact)
    }
    weigh(&fact, line, isEvidence: true)
  }

  /// Remembers from where the account works; whether that is new to it.
  mutating func seesNewPlace(_ subject: Int32, _ address: NetworkAddress?) -> Bool {
    guard let address else { return false }
    if !lists.entries.isEmpty,
      lists.knows(subjects[subject].name, address, at: now)
    {
      return false
    }
    let isNew = places.see(subject, place: placeKey(address), second: now.seconds)
    if isNew { subjects[subject].liftedAt = now }
    return isNew
  }

  /// What counts as one place: a network's operator, else a country, else a network.
  mutating func placeKey(_ address: NetworkAddress) -> UInt64 {
    let found = geo.knowsAnything ? geo.place(address) : Geo.Place()
    return found.asn != 0
      ? FieldHash.mix(UInt64(found.asn), 29)
      : found.country != 0
        ? FieldHash.mix(UInt64(found.country), 31)
        : FieldHash.mix(address.network.high, address.network.low)
  }

  private mutating func rejection(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    guard windows.counts(.rejection) else { return }
    var fact = fact(.rejection, event, subject(of: event, line))
    fact.clientAddress = client(event)
    fact.set(.ours, true)
    weigh(&fact, line, isEvidence: false)
  }

  // MARK: Facts

  /// From where somebody works; nil where the address is one of our own.
  func client(_ event: borrowing LogEvent) -> NetworkAddress? {
    event.clientAddress.flatMap { isOwn($0) ? nil : $0 }
  }

  func isOwn(_ address: NetworkAddress) -> Bool {
    address.isLoopback || settings.ownNetworks.contains { $0.contains(address) }
  }

  mutating func subject(of event: borrowing LogEvent, _ line: Span<UInt8>) -> Int32 {
    if event.saslLogin.hasText {
      return subjects.account(line, event.saslLogin.range, second: now.seconds)
    }
    if event.uid >= 0 { return subjects.site(uid: event.uid, second: now.seconds) }
    if event.localUser.hasText,
      let uid = directory.uidOfUser[String(copying: line.extracting(event.localUser.range))]
    {
      return subjects.site(uid: uid, second: now.seconds)
    }
    return -1
  }

  mutating func fact(_ kind: PolicyEvent, _ event: borrowing LogEvent, _ subject: Int32)
    -> Fact
  {
    var fact = Fact(event: kind, time: now, log: copy event)
    fact.subject = subject
    if subject >= 0 {
      fact.isSite = subjects[subject].isSite
      fact.set(.probation, subjects[subject].inProbation)
    }
    return fact
  }

  /// Counts a fact, and asks the policies whose gates it passes.
  mutating func weigh(_ fact: inout Fact, _ line: Span<UInt8>, isEvidence: Bool) {
    if asksPlace[fact.event.index], let address = fact.clientAddress {
      fact.place = geo.place(address)
    }
    let counted = windows.count(fact, own: isEvidence, line, subjects)
    guard isEvidence, fact.subject >= 0 else { return }
    // From where somebody worked is also asked later, by no window.
    if counted != 0 || fact.event == .login || fact.event == .submission {
      evidence.add(fact, line, windows: counted)
    }
    let open = Int(subjects[fact.subject].openCase)
    if open > 0, cases[open].isSuspended { return }
    if subjects[fact.subject].quietUntil > now { return }
    askAll(fact, line)
  }

  /// Asks every policy that handles events of this kind.
  mutating func askAll(_ fact: borrowing Fact, _ line: Span<UInt8>) {
    if focus < 0, let name = settings.focus, let place = subjects.find(name) { focus = place }
    let event = fact.event.index
    let count = fact.isSite ? siteAsks[event].count : accountAsks[event].count
    for number in 0..<count {
      let ask = fact.isSite ? siteAsks[event][number] : accountAsks[event][number]
      if !ask.words.hold(fact) { continue }
      if ask.window >= 0, focus < 0,
        !windows.reaches(Int(ask.window), ask.atLeast, fact, line, subjects)
      {
        continue
      }
      self.ask(Int(ask.policy), Int(ask.handler), fact, line)
    }
  }
}

extension PolicyEvent {
  var index: Int { Int(rawValue) }
}
