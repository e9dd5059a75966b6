import Events
import Policy

extension Engine {
  // MARK: Stopping

  mutating func openCase(_ subject: Int32, _ policy: String) -> Int {
    let number = cases.open(
      subject: subject, name: subjects[subject].name, policy: policy, at: now)
    if subjects[subject].inProbation { cases[number].isRelapse = true }
    subjects[subject].openCase = Int32(number)
    return number
  }

  mutating func close(_ number: Int, _ state: Case.State) {
    let subject = cases[number].subject
    cases[number].state = state
    subjects[subject].stoppedAt = nil
    tries.clear(subject)
    if subjects[subject].openCase == Int32(number) { subjects[subject].openCase = -1 }
    cases.timers.cancel(.grace, of: number)
    knowThieves()
  }

  private mutating func markStopped(_ number: Int) {
    let subject = cases[number].subject
    if cases[number].stoppedAt == nil {
      cases[number].stoppedAt = now
      if Int(subject) < sent.count { cases[number].mailsBefore = Int(sent[Int(subject)].total) }
    }
    if subjects[subject].stoppedAt == nil { subjects[subject].stoppedAt = now }
  }

  mutating func hold(_ number: Int, grace: TimeSpan?) {
    cases[number].state = .held
    cases[number].holds += 1
    markStopped(number)
    // A hold without a grace is looked at by an operator, and let go when nobody did.
    let due = now + (grace ?? TimeSpan(seconds: 86_400))
    cases[number].graceDue = due
    cases.timers.set(.grace, of: number, due: due)
  }

  /// A hold that no timer ends.
  mutating func holdByHand(_ number: Int) {
    cases[number].state = .held
    cases[number].holds += 1
    cases.timers.cancel(.grace, of: number)
    cases[number].graceDue = nil
    markStopped(number)
  }

  mutating func suspend(_ number: Int) {
    cases[number].state = .suspended
    cases[number].suspendedAt = now
    day.countSuspension(at: now)
    cases.timers.cancel(.grace, of: number)
    markStopped(number)
  }

  /// Mail that came while sending was stopped: it would have been kept back or refused.
  mutating func countStopped(_ subject: Int32, recipients: Int32, _ address: NetworkAddress?) {
    let number = Int(subjects[subject].openCase)
    guard number > 0 else { return }
    cases[number].since.messages += 1
    cases[number].since.recipients += Int(recipients)
    guard let address else { return }
    cases[number].since.addresses.insert(address)
    cases[number].since.networks.insert(address.network)
  }

  /// Remembers logins from the addresses of an open case: a password change right after one is the thief's.
  mutating func noteAddress(_ fact: Fact) {
    guard !thieves.isEmpty, let address = fact.clientAddress,
      let numbers = thieves[address.client]
    else { return }
    for number in numbers {
      if cases[number].subject == fact.subject {
        cases[number].lastThiefLogin = now
      } else {
        noteSharer(fact.subject, address, of: number)
      }
    }
  }

  // MARK: Timers

  mutating func fire(_ timer: Timers.Timer) {
    guard cases.knows(timer.caseNumber) else { return }
    switch timer.purpose {
    case .grace: graceOver(timer.caseNumber)
    case .probationOver: probationOver(timer.caseNumber)
    }
  }

  /// Asks the policy that held what is to become of the held.
  private mutating func graceOver(_ number: Int) {
    guard cases[number].state == .held else { return }
    if pause != nil {
      // What is kept back is not lost: it stays so until somebody says what is to be done.
      cases.timers.set(.grace, of: number, due: now + TimeSpan(seconds: 60))
      return
    }
    guard let place = compiled.firstIndex(where: { $0.policy.name == cases[number].policy }) else {
      let policy = cases[number].policy
      close(number, .closed)
      append(
        Transition(
          time: now, action: .release, subject: cases[number].subjectName, policy: policy,
          reason: "the policy that held is gone", caseNumber: number))
      return
    }
    let subject = cases[number].subject
    var fact = Fact(event: .message, time: now, log: LogEvent())
    fact.subject = subject
    fact.isSite = subjects[subject].isSite
    let nothing: [UInt8] = []
    prepare(place, fact, nothing.span)
    view.caseValues = caseValues(number)
    let decision: Decision?
    do throws(PolicyError) { decision = try judgeHeld(number, place) } catch {
      // A fault of the policy must not let spam go.
      failed(compiled[place].policy.name, error, subject)
      cases.timers.set(.grace, of: number, due: now + TimeSpan(seconds: 600))
      return
    }
    switch decision?.action {
    case .suspend:
      guard brakes.maySuspend(now, activeSenders(subject)) else {
        cases[number].braked = decision!.reason
        hold(number, grace: TimeSpan(seconds: 3600))
        record(.braked, decision!, place, fact, number: number, note: "still too many suspensions")
        return
      }
      brakes.didSuspend(now, reseller: subjects[subject].reseller)
      suspend(number)
      noteThief(number)
      record(.suspend, decision!, place, fact, number: number)
      linkIncident(number)
    case .hold where cases[number].holds < 3:
      hold(number, grace: decision!.grace ?? TimeSpan(seconds: 600))
      record(.hold, decision!, place, fact, number: number)
    default:
      let reason = decision?.reason ?? "nothing more was seen in the grace period"
      close(number, .closed)
      append(
        Transition(
          time: now, action: .release, subject: subjects[subject].name,
          policy: compiled[place].policy.name, reason: reason, caseNumber: number))
    }
  }

  /// The suspension that the brakes put off, or what `grace_over` says.
  private func judgeHeld(_ number: Int, _ place: Int) throws(PolicyError) -> Decision? {
    if let reason = cases[number].braked { return Decision(action: .suspend, reason: reason) }
    guard let handler = compiled[place].graceOver else { return nil }
    return try policySet.runtime.decide(compiled[place].policy, place, handler.handler, view)
  }

  private func caseValues(_ number: Int) -> [CaseField: WindowValue] {
    let since = cases[number].since
    return [
      .number: .number(Double(number)), .subject: .text(cases[number].subjectName),
      .policy: .text(cases[number].policy), .holds: .number(Double(cases[number].holds)),
      .age: .number(Double((now - cases[number].openedAt).seconds)),
      .messages: .number(Double(since.messages)), .recipients: .number(Double(since.recipients)),
      .addresses: .number(Double(since.addresses.count)),
      .networks: .number(Double(since.networks.count)),
      .newNetworks: .number(
        Double(since.networks.subtracting(cases[number].addresses.map(\.network)).count)),
    ]
  }

  private mutating func probationOver(_ number: Int) {
    guard cases[number].state == .restored || cases[number].state == .probation else { return }
    let subject = cases[number].subject
    subjects[subject].inProbation = false
    cases[number].state = .closed
    append(
      Transition(
        time: now, action: .closed, subject: subjects[subject].name, policy: nil,
        reason: "no relapse during the probation", caseNumber: number))
  }

  // MARK: The way back

  mutating func passwordChange(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    guard event.saslLogin.hasText,
      let subject = subjects.find(String(copying: line.extracting(event.saslLogin.range)))
    else { return }
    subjects[subject].liftedAt = now
    var change = Fact(event: .passwordChange, time: now, log: copy event)
    change.subject = subject
    change.clientAddress = client(event)
    weigh(&change, line, isEvidence: true)
    if isFollowing { return }
    let number = Int(subjects[subject].openCase)
    sharerChange(subject, event, but: number)
    guard number > 0, cases[number].isSuspended, let since = cases[number].suspendedAt,
      event.time > since
    else { return }
    if let why = suspicion(
      number, cases[number].lastThiefLogin, event.clientAddress,
      at: event.earliest)
    {
      refuse(number, why)
      return
    }
    cases[number].renewedAt = now
    if !settings.needsReport, cases[number].reportedAt == nil { reported(subject) }
    verifyIfComplete(number)
    if cases[number].isSuspended, cases[number].state != .verified { tellRenewal(number) }
  }

  mutating func restore(_ number: Int, reason: String?, actor: String?) {
    reopen(number)
    var transition = Transition(
      time: now, action: .restore, subject: cases[number].subjectName, policy: nil,
      reason: reason ?? "sending is open again, on probation for \(settings.probation)",
      caseNumber: number)
    transition.actor = actor
    append(transition)
  }

  /// Sending is open again, on probation; what spoke against the subject is forgotten.
  mutating func reopen(_ number: Int) {
    let subject = cases[number].subject
    let opened = cases[number].openedAt
    close(number, .restored)
    subjects[subject].restoredAt = now
    subjects[subject].inProbation = true
    windows.forget(subject: subject, since: opened - TimeSpan(seconds: 86_400))
    places.forget(subject, since: opened.seconds - 86_400)
    evidence.clear(subject)
    cases.timers.set(.probationOver, of: number, due: now + settings.probation)
  }

  // MARK: Incidents

  /// Links cases of one customer that share an address: they are restored together.
  mutating func linkIncident(_ number: Int) {
    guard let other = joinIncident(number) else { return }
    append(
      Transition(
        time: now, action: .incident, subject: cases[number].subjectName, policy: nil,
        reason: "same customer and same address as case \(other) (\(cases[other].subjectName)): "
          + "one incident, restored when all its passwords are renewed",
        caseNumber: number))
  }

  /// - Returns: the case that it is linked to now; nil where there is none.
  mutating func joinIncident(_ number: Int) -> Int? {
    let customer = subjects[cases[number].subject].customer
    guard customer >= 0 else { return nil }
    let own = cases[number].addresses
    guard
      let other = cases.cases.last(where: {
        $0.number != number && $0.isSuspended && subjects[$0.subject].customer == customer
          && !$0.addresses.isDisjoint(with: own)
      })
    else { return nil }
    let incident = other.incident ?? cases.newIncident()
    cases[other.number].incident = incident
    cases[number].incident = incident
    return other.number
  }
}
