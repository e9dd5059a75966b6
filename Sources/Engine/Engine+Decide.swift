import Events
import Policy

extension Engine {
  // MARK: Asking policies

  /// Calls a handler whose gates are passed, and carries out what it decides.
  mutating func ask(
    _ place: Int, _ number: Int, _ fact: borrowing Fact, _ line: Span<UInt8>
  ) {
    let handler = compiled[place].handlers[fact.event.index][number]
    guard handler.condition.holds(fact, line, subjects) else { return }
    let isFocus = focus >= 0 && fact.subject == focus
    if isFocus { noteNearness(place, number, fact, line) }
    for gate in handler.gates {
      let value = windows.value(gate.window, fact, line, subjects).asNumber
      guard let value, value >= gate.atLeast else { return }
    }
    let policy = compiled[place].policy
    if !lists.entries.isEmpty, isAllowed(fact, by: policy.name) {
      if isFocus { nearness[policy.name]?.allowed += 1 }
      return
    }
    // A policy may have a handler for each of several events.
    let handlerKey = UInt64(place) << 16 | UInt64(fact.event.index) << 8 | UInt64(number)
    let rest = HashKey(handlerKey << 32 | UInt64(fact.subject))
    if handler.handler.once != nil, let until = restUntil[rest], until > now {
      if isFocus { nearness[policy.name]?.rested += 1 }
      return
    }
    prepare(place, fact, line)
    do {
      guard
        let decision = try policySet.runtime.decide(policy, place, handler.handler, view)
      else { return }
      if let once = handler.handler.once { restUntil[rest] = now + once }
      if isFocus { nearness[policy.name]?.decided += 1 }
      enact(decision, place, copy fact, line)
    } catch {
      failed(policy.name, error, fact.subject)
    }
  }

  /// Whether the lists allow it: the policy, or the volume where only volume speaks against the subject.
  private func isAllowed(_ fact: borrowing Fact, by policy: String) -> Bool {
    let name = subjects[fact.subject].name
    let lifted = subjects[fact.subject].liftedAt
    if lists.allows(name, policy: policy, at: now, lifted: lifted) != nil { return true }
    guard fact.event == .message,
      let volume = lists.volume(name, at: now, lifted: lifted),
      Int(fact.subject) < sent.count
    else { return false }
    // Buckets of ten minutes: the last six are the hour.
    let bucket = Int32(truncatingIfNeeded: (now.seconds - WindowStore.epoch) / 600)
    let hour = sent[Int(fact.subject)].entries.reversed().prefix { $0.bucket > bucket - 6 }
      .reduce(0) { $0 + Int($1.amount) }
    return Double(hour) <= volume
  }

  /// Fills the view that handlers read.
  mutating func prepare(_ place: Int, _ fact: borrowing Fact, _ line: Span<UInt8>) {
    view.fact = copy fact
    if geo.knowsAnything, let address = fact.clientAddress { view.fact?.place = geo.place(address) }
    view.line = unsafe line.withUnsafeBufferPointer { unsafe Array($0) }
    view.subject = subjects[fact.subject].name
    view.customer = subjects.customerName(of: fact.subject)
    view.reseller = subjects.resellerName(of: fact.subject)
    view.windows.removeAll(keepingCapacity: true)
    for number in compiled[place].windows {
      view.windows.append(windows.value(number, fact, line, subjects))
    }
  }

  mutating func failed(_ policy: String, _ error: PolicyError, _ subject: Int32) {
    let isNew = statistics.failures[policy] == nil
    statistics.failures[policy] = "\(error)"
    if isNew {
      append(
        Transition(
          time: now, action: .alert, subject: nil, policy: policy,
          reason: "the policy failed and was skipped: \(error)"))
    }
  }

  // MARK: Decisions

  mutating func enact(_ decision: Decision, _ place: Int, _ fact: Fact, _ line: Span<UInt8>) {
    let policy = compiled[place].policy
    if isFollowing || isPast(fact), decision.action != .evidence { return }
    statistics.decisions[policy.name, default: 0] += 1
    if policy.isShadow {
      shadow(decision, place, fact)
      return
    }
    switch decision.action {
    case .evidence: addEvidence(decision, place, fact, line)
    case .alert: alert(decision, place, fact)
    case .watch: watch(decision, place, fact)
    case .hold: stop(decision, place, fact, isHold: true)
    case .suspend: stop(decision, place, fact, isHold: decision.grace != nil)
    }
  }

  /// Whether it happened before anything was decided. A stamp is of the whole second, and a line may come late.
  private func isPast(_ fact: borrowing Fact) -> Bool {
    fact.log.line > 0 && fact.log.time < decidesFrom - TimeSpan(seconds: 60)
  }

  /// What a policy in the shadow would have done, said once an hour for each subject.
  private mutating func shadow(_ decision: Decision, _ place: Int, _ fact: Fact) {
    let name = subjects[fact.subject].name
    guard isFirst("shadow\n\(compiled[place].policy.name)\n\(name)") else { return }
    record(.shadow, decision, place, fact, note: "would \(decision.action.name)")
  }

  /// A weak sign is an event of its own, which windows may add up.
  private mutating func addEvidence(
    _ decision: Decision, _ place: Int, _ fact: Fact, _ line: Span<UInt8>
  ) {
    var sign = fact
    sign.event = .evidence
    sign.points = decision.points ?? 0
    sign.policy = compiled[place].policy.name
    sign.log.repeated = 1
    let counted = windows.count(sign, own: true, line, subjects)
    evidence.mark(fact.subject, windows: counted)
    askAll(sign, line)
  }

  /// Told once an hour for each policy and subject.
  private mutating func alert(_ decision: Decision, _ place: Int, _ fact: Fact) {
    guard isFirst("\(compiled[place].policy.name)\n\(subjects[fact.subject].name)") else { return }
    record(.alert, decision, place, fact)
  }

  /// Said once an hour for each subject.
  mutating func tellOnce(
    _ what: String, _ decision: Decision, _ place: Int, _ fact: Fact, note: String,
    as action: Transition.Action = .alert
  ) {
    guard isFirst("\(what)\n\(subjects[fact.subject].name)") else { return }
    record(action, decision, place, fact, note: note)
  }

  /// Whether something was not said within so long before; it counts as said now.
  mutating func isFirst(_ what: String, within span: TimeSpan = TimeSpan(seconds: 3600)) -> Bool {
    if let last = alertedAt[what], now - last < span { return false }
    alertedAt[what] = now
    return true
  }

  private mutating func watch(_ decision: Decision, _ place: Int, _ fact: Fact) {
    guard subjects[fact.subject].openCase < 0 else { return }
    let number = openCase(fact.subject, compiled[place].policy.name)
    record(.watch, decision, place, fact, number: number)
  }

  // MARK: The ledger

  mutating func record(
    _ action: Transition.Action, _ decision: Decision, _ place: Int, _ fact: Fact,
    number: Int? = nil, note: String? = nil
  ) {
    let policy = compiled[place]
    var transition = Transition(
      time: now, action: action, subject: subjects[fact.subject].name, policy: policy.policy.name,
      reason: note.map { "\($0): \(decision.reason)" } ?? decision.reason)
    transition.caseNumber =
      number ?? (subjects[fact.subject].openCase > 0 ? Int(subjects[fact.subject].openCase) : nil)
    transition.readings = zip(policy.policy.windows, view.windows).compactMap { window, value in
      value.text.map { Transition.Reading(name: window.name, value: $0) }
    }
    if let queue = decision.queue {
      transition.readings.append(.init(name: Self.afterRestore, value: queue.rawValue))
    }
    transition.evidence = evidence.strongest(
      fact.subject, windows: policy.windowBits, since: now - TimeSpan(seconds: 7 * 86_400)
    ).map {
      Transition.Evidence(
        text: String(decoding: $0.text, as: UTF8.self),
        file: fileNames[Int($0.file)], line: Int($0.line))
    }
    // The event that tipped it is evidence too, if it is no more than a message, or if no line of the subject was
    // counted: where a policy counts what an address did, the rest of the subject's lines tell nothing of it.
    let known = transition.evidence.count
    if fact.log.line > 0, known == 0 || (fact.event == .message && known < 3) {
      let line = view.line
      transition.evidence.append(
        Transition.Evidence(
          text: String(decoding: EvidenceBook.text(fact, line.span), as: UTF8.self),
          file: fileNames[Int(fact.log.fileIndex)], line: Int(fact.log.line)))
    }
    append(transition)
  }

  mutating func append(_ transition: Transition) {
    if isFollowing { return }
    var transition = transition
    serial += 1
    transition.serial = serial
    if let number = transition.caseNumber {
      transition.step = (cases[number].transitions.last?.step ?? 0) + 1
      if transition.action == .hold { transition.due = cases[number].graceDue }
      cases[number].transitions.append(transition)
    }
    transitions.append(transition)
  }

  /// The operator is told that a provider fails for everybody, or that we are listed.
  mutating func tellTrouble(_ trouble: HostRules.Judgement, _ fact: Fact, _ line: Span<UInt8>) {
    let provider = fact.range(.relayDomain, line).map { String(copying: line.extracting($0)) }
    let reason =
      trouble.listingBegan
      ? "remote servers refuse everybody's mail for our reputation: check whether our address is "
        + "listed; these refusals count for no account"
      : "\(provider ?? "a provider") refuses or defers the mail of most senders: its failures "
        + "count for no account until that has passed"
    var transition = Transition(
      time: now, action: .alert, subject: nil, policy: nil, reason: reason)
    transition.evidence = [
      Transition.Evidence(
        text: String(copying: line.extracting(0..<min(line.count, 300))),
        file: fileNames[Int(fact.log.fileIndex)], line: Int(fact.log.line))
    ]
    append(transition)
  }
}

extension WindowValue {
  /// A flag counts as 0 or 1.
  var asNumber: Double? {
    switch self {
    case .number(let number): number
    case .flag(let flag): flag ? 1 : 0
    case .text, .none: nil
    }
  }

  /// As people read it; nil where there is no value.
  var text: String? {
    switch self {
    case .none: nil
    case .flag(let flag): "\(flag)"
    case .text(let text): text
    case .number(let number):
      number.rounded() == number && abs(number) < 1e15
        ? "\(Int64(number))" : "\((number * 100).rounded() / 100)"
    }
  }
}
