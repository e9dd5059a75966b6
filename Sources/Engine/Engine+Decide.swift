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
    for gate in handler.gates {
      let value = windows.value(gate.window, fact, line, subjects).asNumber
      if focus >= 0, fact.subject == focus { note(place, gate, value) }
      guard let value, value >= gate.atLeast else { return }
    }
    let policy = compiled[place].policy
    if !lists.entries.isEmpty, isAllowed(fact, by: policy.name) { return }
    let rest = HashKey(UInt64(place) << 40 | UInt64(number) << 32 | UInt64(fact.subject))
    if handler.handler.once != nil, let until = restUntil[rest], until > now { return }
    prepare(place, fact, line)
    do {
      guard
        let decision = try policySet.runtime.decide(policy, place, handler.handler, view)
      else { return }
      if let once = handler.handler.once { restUntil[rest] = now + once }
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

  private mutating func note(_ place: Int, _ gate: (window: Int, atLeast: Double), _ value: Double?)
  {
    let policy = compiled[place].policy
    var near = nearness[policy.name] ?? Nearness()
    near.calls += 1
    let value = value ?? 0
    if near.window.isEmpty || value / max(gate.atLeast, 1e-9) > near.value / max(near.needed, 1e-9)
    {
      let index = compiled[place].windows.firstIndex(of: gate.window) ?? 0
      near.window = policy.windows[index].name
      (near.value, near.needed, near.time) = (value, gate.atLeast, now)
    }
    nearness[policy.name] = near
  }

  // MARK: Decisions

  mutating func enact(_ decision: Decision, _ place: Int, _ fact: Fact, _ line: Span<UInt8>) {
    let policy = compiled[place].policy
    if isFollowing, decision.action != .evidence { return }
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

  /// What a policy in the shadow would have done, said once an hour for each subject.
  private mutating func shadow(_ decision: Decision, _ place: Int, _ fact: Fact) {
    let name = subjects[fact.subject].name
    let key = "shadow\n\(compiled[place].policy.name)\n\(name)"
    if let last = alertedAt[key], now - last < TimeSpan(seconds: 3600) { return }
    alertedAt[key] = now
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
    let policy = compiled[place].policy.name
    let key = "\(policy)\n\(subjects[fact.subject].name)"
    if let last = alertedAt[key], now - last < TimeSpan(seconds: 3600) { return }
    alertedAt[key] = now
    record(.alert, decision, place, fact)
  }

  private mutating func tellOnce(
    _ what: String, _ decision: Decision, _ place: Int, _ fact: Fact, note: String
  ) {
    let key = "\(what)\n\(subjects[fact.subject].name)"
    if let last = alertedAt[key], now - last < TimeSpan(seconds: 3600) { return }
    alertedAt[key] = now
    record(.alert, decision, place, fact, note: note)
  }

  private mutating func watch(_ decision: Decision, _ place: Int, _ fact: Fact) {
    guard subjects[fact.subject].openCase < 0 else { return }
    let number = openCase(fact.subject, compiled[place].policy.name)
    record(.watch, decision, place, fact, number: number)
  }

  /// A hold or a suspension, if nothing forbids it.
  private mutating func stop(_ decision: Decision, _ place: Int, _ fact: Fact, isHold: Bool) {
    let subject = fact.subject
    let open = Int(subjects[subject].openCase)
    if open > 0, cases[open].isSuspended || (isHold && cases[open].state == .held) { return }
    if pause != nil {
      tellOnce(
        "paused", decision, place, fact, note: "paused; would \(isHold ? "hold" : "suspend")")
      return
    }
    if let why = protection(subject) {
      let key = "protected\n\(subjects[subject].name)"
      if let last = alertedAt[key], now - last < TimeSpan(seconds: 86_400) { return }
      alertedAt[key] = now
      subjects[subject].quietUntil = now + TimeSpan(seconds: 86_400)
      let scripts = scripts.summary(of: subject).map { "; its scripts: \($0)" } ?? ""
      record(.alert, decision, place, fact, note: "protected (\(why)\(scripts))")
      return
    }
    let reseller = subjects[subject].reseller
    let senders = activeSenders(subject)
    let wasHeld = open > 0 && cases[open].state == .held
    var isHold = isHold
    var isBraked = false
    if !isHold, !brakes.maySuspend(now, senders) {
      record(
        .braked, decision, place, fact, note: "too many suspensions within the hour; held instead")
      if wasHeld { return }
      isHold = true
      isBraked = true
    }
    if isHold, !brakes.mayHold(now, senders) {
      record(
        .braked, decision, place, fact,
        note: "too many holds within the hour; an operator must decide")
      return
    }
    let number = open > 0 ? open : openCase(subject, compiled[place].policy.name)
    cases[number].policy = compiled[place].policy.name
    cases[number].addresses.formUnion(
      evidence.addresses(subject, since: now - TimeSpan(seconds: 86_400)))
    if let address = fact.clientAddress,
      fact.flag(.newPlace) || cases[number].addresses.isEmpty
    {
      cases[number].addresses.insert(address)
    }
    if isHold {
      brakes.didHold(now, reseller: reseller)
      if isBraked { cases[number].braked = (place, decision.reason) }
      hold(number, grace: isBraked ? TimeSpan(seconds: 3600) : decision.grace)
      record(.hold, decision, place, fact, number: number)
    } else {
      brakes.didSuspend(now, reseller: reseller)
      suspend(number)
      noteSharing(number)
      record(.suspend, decision, place, fact, number: number)
      linkIncident(number)
    }
  }

  /// Why nothing may be done to a subject by itself; nil where it may.
  func protection(_ place: Int32) -> String? {
    let subject = subjects[place]
    if subject.isSite {
      if directory.sharedUIDs.contains(subject.uid) { return "several sites share this uid" }
      if subject.isKnown { return nil }
      if !directory.sites.isEmpty { return "not listed as a website" }
      if subject.uid < 1000 || subject.uid == 65_534 { return "a system user" }
      return nil
    }
    let local = subject.name.prefix { $0 != "@" }
    if ["postmaster", "abuse", "hostmaster"].contains(local) {
      return "\(local) must stay reachable"
    }
    if let entry = lists.protects(subject.name, at: now) { return entry.reason }
    return nil
  }

  /// How many accounts and sites were active within the last day.
  func activeSenders(_ subject: Int32) -> Brakes.Senders {
    let day = now.seconds - 86_400
    let reseller = subjects[subject].reseller
    var senders = Brakes.Senders(all: 0, reseller: reseller, ofReseller: 0)
    for place in subjects.indices
    where subjects[place].hasHistory && subjects[place].lastSeen >= day {
      senders.all += 1
      if subjects[place].reseller == reseller { senders.ofReseller += 1 }
    }
    return senders
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
    transition.evidence = evidence.strongest(
      fact.subject, windows: policy.windowBits, since: now - TimeSpan(seconds: 7 * 86_400)
    ).map {
      Transition.Evidence(
        text: String(decoding: $0.text, as: UTF8.self),
        file: fileNames[Int($0.file)], line: Int($0.line))
    }
    // The event that tipped it is evidence too, if it is no more than a message.
    if fact.event == .message, fact.log.line > 0, transition.evidence.count < 3 {
      let start = fact.log.program.hasText ? Int(fact.log.program.start) : 0
      transition.evidence.append(
        Transition.Evidence(
          text: String(decoding: view.line.dropFirst(start).prefix(220), as: UTF8.self),
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
