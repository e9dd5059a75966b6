package import Events
import Policy

/// What an operator orders, or what the ledger says was ordered: the same steps as a policy's, by hand.
extension Engine {
  package enum Order: String, CaseIterable, Codable, Sendable {
    case suspend, hold, restore, release, dismiss, waive
  }

  /// Carries out an operator's order about an account or a site.
  /// - Parameter actor: `uid 1000`.
  /// - Returns: why it cannot be done, or nil where it is.
  package mutating func obey(
    _ order: Order, _ name: String, reason: String, actor: String, at time: Instant
  ) -> String? {
    advance(to: time)
    guard let subject = subjects.find(name) ?? subjects.make(name) else {
      return "\(name) is neither a login nor a website such as uid:5012"
    }
    let open = Int(subjects[subject].openCase)
    switch order {
    case .suspend, .hold:
      let isHold = order == .hold
      if open > 0, cases[open].isSuspended || (isHold && cases[open].state == .held) {
        return "\(name) is \(cases[open].state.rawValue) already, case \(open)"
      }
      let number = open > 0 ? open : openCase(subject, "")
      if isHold { holdByHand(number) } else { suspend(number) }
      noteAddresses(number, onlyNew: true)
      tell(isHold ? .hold : .suspend, number, reason, actor)
      if !isHold { linkIncident(number) }
    case .restore:
      guard open > 0, cases[open].isStopped else { return "\(name) is not stopped" }
      restore(open, reason: reason, actor: actor)
      goOn(without: open)
    case .release:
      guard open > 0, cases[open].state == .held else { return "\(name) is not on hold" }
      restore(open, reason: reason, actor: actor)
    case .dismiss:
      guard open > 0 else { return "\(name) has no open case" }
      let policy = cases[open].policy
      dismiss(open)
      tell(.dismiss, open, reason, actor)
      allowDismissed(open, policy, reason, actor)
      goOn(without: open)
    case .waive: return waive(subject, reason, actor)
    }
    return nil
  }

  mutating func tell(
    _ action: Transition.Action, _ number: Int, _ reason: String, _ actor: String
  ) {
    var transition = Transition(
      time: now, action: action, subject: cases[number].subjectName, policy: nil, reason: reason,
      caseNumber: number)
    transition.actor = actor
    append(transition)
  }

  mutating func dismiss(_ number: Int) {
    let subject = cases[number].subject
    reopen(number)
    cases.timers.cancel(.probationOver, of: number)
    subjects[subject].inProbation = false
    cases[number].state = .dismissed
  }

  /// Until `resume` nothing is stopped, let go or restored but by an operator's word.
  mutating func pause(reason: String, actor: String, at time: Instant) {
    advance(to: time)
    pause = StatusReport.Pause(since: now, actor: actor, reason: reason)
    tellAll(.pause, "all automatic actions are paused: \(reason)", actor)
  }

  mutating func resume(reason: String, actor: String, at time: Instant) {
    advance(to: time)
    pause = nil
    tellAll(.resume, "automatic actions go on: \(reason)", actor)
    for one in cases.cases where one.state == .verified && !needsStaff(one) {
      restore(one.number, reason: nil, actor: nil)
    }
  }

  private mutating func tellAll(_ action: Transition.Action, _ reason: String, _ actor: String) {
    var transition = Transition(
      time: now, action: action, subject: nil, policy: nil, reason: reason)
    transition.actor = actor
    append(transition)
  }

  /// What became of an order; it stands in its case, and the customer is told of what has taken effect.
  package mutating func outcome(
    _ isDone: Bool, of number: Int, _ kind: Events.Order.Kind, _ reason: String, at time: Instant
  ) {
    advance(to: time)
    guard cases.knows(number) else { return }
    // What fails for the same reason again and again is said once an hour.
    if !isDone, !isFirst("failed\n\(number)\n\(kind.rawValue)\n\(reason)") { return }
    let isTold = kind.isNotice && !settings.rehearses
    let action: Transition.Action = isDone ? (isTold ? .notified : .done) : .failed
    append(
      Transition(
        time: now, action: action, subject: cases[number].subjectName,
        policy: nil, reason: reason, caseNumber: number))
    if isDone { tookEffect(kind, number) }
  }

  /// A word to the operator from outside: something does not hold as it should.
  package mutating func alert(_ reason: String, at time: Instant) {
    advance(to: time)
    append(Transition(time: now, action: .alert, subject: nil, policy: nil, reason: reason))
  }

  /// What has been decided since the last call, in order.
  package mutating func takeTransitions() -> [Transition] {
    defer { transitions.removeAll() }
    return transitions
  }

  /// Whose sending is held or suspended now.
  package var stopped: [(subject: String, isHeld: Bool, caseNumber: Int)] {
    cases.cases.filter(\.isStopped).map { ($0.subjectName, $0.state == .held, $0.number) }
  }

  /// A login as one account, as the engine takes it.
  package static func canonical(_ login: String) -> String { Subjects.canonical(login) }

  /// Who was stopped by a policy since a time, and still is: for undoing a mistake.
  package func stopped(by policy: String, since time: Instant, heldOnly: Bool) -> [CaseSummary] {
    cases.cases.filter {
      $0.isStopped && $0.policy == policy && ($0.stoppedAt ?? .distantPast) >= time
        && (!heldOnly || $0.state == .held)
    }.map { summary($0.number) }
  }

  /// The open case of a subject; nil where there is none.
  package func caseNumber(of name: String) -> Int? {
    subjects.find(name).map { Int(subjects[$0].openCase) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The mailboxes of a customer, by name; a customer's name is the directory's, in any case of its letters.
  package func accounts(ofCustomer name: String) -> [String] {
    subjects.indices.filter {
      !subjects[$0].isSite && subjects.customerName(of: $0)?.lowercased() == name.lowercased()
    }.map { subjects[$0].name }.sorted()
  }

  // MARK: Following the ledger

  /// Cases up to this number are over, and no longer known.
  package mutating func skipCases(to number: Int) { cases.skip(to: number) }

  /// Takes a step of a case that an earlier run has decided.
  package mutating func follow(_ transition: Transition) {
    advance(to: transition.time)
    if followEntry(transition) || followPause(transition) { return }
    if transition.action == .braked { followedBrake = (transition.subject, transition.time) }
    guard let number = transition.caseNumber, let name = transition.subject,
      let subject = subjects.find(name) ?? subjects.make(name)
    else { return }
    if number > cases.last {
      cases.skip(to: number - 1)
      _ = openCase(subject, transition.policy ?? "")
    }
    guard cases.knows(number) else { return }
    cases[number].transitions.append(transition)
    switch transition.action {
    case .hold:
      brakes.didHold(now, reseller: subjects[subject].reseller)
      holdByHand(number)
      cases[number].policy = transition.policy ?? cases[number].policy
      cases[number].graceDue = transition.due
      // A suspension that the brakes made a hold is told right before it.
      if let brake = followedBrake, brake.subject == name, brake.time == transition.time {
        cases[number].braked = transition.reason
      }
      if let due = transition.due { cases.timers.set(.grace, of: number, due: due) }
      noteAddresses(number, onlyNew: transition.actor != nil)
    case .suspend:
      cases[number].policy = transition.policy ?? cases[number].policy
      if transition.actor == nil { brakes.didSuspend(now, reseller: subjects[subject].reseller) }
      suspend(number)
      noteAddresses(number, onlyNew: transition.actor != nil)
    case .release: close(number, .closed)
    case .restore:
      reopen(number)
      if transition.actor != nil { doWithout(number) }
    case .dismiss:
      dismiss(number)
      doWithout(number)
    case .closed:
      subjects[subject].inProbation = false
      cases[number].state = .closed
      cases.timers.cancel(.probationOver, of: number)
    case .reported:
      cases[number].reportedAt = now
      enter(.reported, number)
    case .incident: _ = joinIncident(number)
    case .notified: enter(.notified, number)
    case .verified: enter(.verified, number)
    case .renewed: followRenewal(number, name)
    case .waive: cases[number].waived.insert(name)
    case .unverified: cases[number].needsStaff = true
    default: break
    }
  }

  private mutating func followPause(_ transition: Transition) -> Bool {
    switch transition.action {
    case .pause:
      let reason = transition.reason.split(separator: ": ", maxSplits: 1).last ?? ""
      pause = StatusReport.Pause(
        since: transition.time, actor: transition.actor ?? "", reason: String(reason))
    case .resume: pause = nil
    default: return false
    }
    return true
  }

  /// - Parameter onlyNew: where a person decided: why is not known, so that a customer's own place is no evidence.
  private mutating func noteAddresses(_ number: Int, onlyNew: Bool) {
    cases[number].addresses.formUnion(
      evidence.addresses(
        cases[number].subject, since: now - TimeSpan(seconds: 86_400), onlyNew: onlyNew))
    noteThief(number)
  }
}
