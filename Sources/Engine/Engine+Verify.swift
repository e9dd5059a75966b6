import Events

/// From the suspension to the restored sending: what must be renewed, what counts as renewed, and who is told.
extension Engine {
  // MARK: What is required

  /// Every mailbox whose password must be renewed before a case is over: its own, those of the incident, and
  /// those that share its evidence.
  func required(_ number: Int) -> [String] {
    var names: Set<String> = []
    for member in members(number) {
      if !subjects[cases[member].subject].isSite { names.insert(cases[member].subjectName) }
      names.formUnion(cases[member].sharing)
    }
    return names.sorted()
  }

  /// The suspended cases of the incident, the case itself among them.
  func members(_ number: Int) -> [Int] {
    guard let incident = cases[number].incident else { return [number] }
    let others = cases.cases.filter { $0.incident == incident && $0.isSuspended }.map(\.number)
    return others.contains(number) ? others : [number] + others
  }

  /// The required mailboxes, and which of them have been renewed or are done without.
  package func renewals(of number: Int) -> [(mailbox: String, isRenewed: Bool, isWaived: Bool)] {
    guard cases.knows(number) else { return [] }
    return required(number).map { ($0, isRenewed($0, number), isWaived($0, number)) }
  }

  private func isWaived(_ mailbox: String, _ number: Int) -> Bool {
    members(number).contains { cases[$0].waived.contains(mailbox) }
  }

  private func isRenewed(_ mailbox: String, _ number: Int) -> Bool {
    members(number).contains {
      (cases[$0].subjectName == mailbox && cases[$0].renewedAt != nil)
        || cases[$0].sharingRenewed[mailbox] != nil
    }
  }

  /// From where the thief of a stopped case works, and where else he has been.
  mutating func noteThief(_ number: Int) {
    knowThieves()
    cases[number].lastThiefLogin = lastLogin(cases[number].subject, ofThiefIn: number)
    if cases[number].isSuspended { noteSharing(number) }
  }

  /// Finds the mailboxes of the same customer that worked from a place of the case, one new to them too.
  private mutating func noteSharing(_ number: Int) {
    let own = cases[number].subject
    let customer = subjects[own].customer
    guard customer >= 0, !cases[number].addresses.isEmpty else { return }
    var thiefPlaces: Set<UInt64> = []
    for address in cases[number].addresses { thiefPlaces.insert(placeKey(address)) }
    for other in subjects.indices
    where other != own && subjects[other].customer == customer && !subjects[other].isSite
      && thiefPlaces.contains(where: { places.isNew(other, place: $0, second: now.seconds) })
    {
      cases[number].sharing.insert(subjects[other].name)
      cases[number].lastSharerLogin[subjects[other].name] = lastLogin(other, ofThiefIn: number)
    }
  }

  /// When a mailbox was last used from an address of a case; nil where it was not within the days that are kept.
  func lastLogin(_ subject: Int32, ofThiefIn number: Int) -> Instant? {
    evidence.lastLogin(subject) { cases[number].isThief($0) }
  }

  /// Indexes from where those work for whom somebody is stopped.
  mutating func knowThieves() {
    thieves.removeAll(keepingCapacity: true)
    for found in cases.cases where found.isStopped {
      for client in Set(found.addresses.map(\.client)) {
        thieves[client, default: []].append(found.number)
      }
    }
  }

  // MARK: What counts

  /// Why a change of the password may be the thief's own; nil where nothing says so.
  func suspicion(
    _ number: Int, _ lastLogin: Instant?, _ address: NetworkAddress?, at time: Instant
  ) -> String? {
    // By its own time: a database is asked later, and asked again after a restart.
    if let lastLogin, time - lastLogin < settings.thiefQuiet {
      let minutes =
        settings.thiefQuiet == TimeSpan(seconds: 600) ? "10 minutes" : "\(settings.thiefQuiet)"
      return "the password was changed within \(minutes) of a login from an address of the case"
    }
    if let address, cases[number].isThief(address) {
      return "the password was changed from \(address), an address of the case"
    }
    return nil
  }

  mutating func refuse(_ number: Int, _ why: String) {
    cases[number].needsStaff = true
    append(
      Transition(
        time: now, action: .unverified, subject: cases[number].subjectName, policy: nil,
        reason: "\(why): staff must restore", caseNumber: number))
  }

  /// Another mailbox is used from an address of a case: of the same customer, and from a place that is new to it,
  /// it must renew too.
  mutating func noteSharer(_ subject: Int32, _ address: NetworkAddress, of number: Int) {
    let customer = subjects[cases[number].subject].customer
    guard cases[number].isSuspended, !subjects[subject].isSite, customer >= 0,
      subjects[subject].customer == customer
    else { return }
    let name = subjects[subject].name
    if !cases[number].sharing.contains(name) {
      guard places.isNew(subject, place: placeKey(address), second: now.seconds) else { return }
      cases[number].sharing.insert(name)
    }
    cases[number].lastSharerLogin[name] = now
  }

  /// A new password of a mailbox that shares the evidence of other cases than its own.
  mutating func sharerChange(_ subject: Int32, _ event: borrowing LogEvent, but own: Int) {
    let name = subjects[subject].name
    let time = event.time
    let asked = cases.cases.filter {
      $0.number != own && $0.isSuspended && $0.sharing.contains(name)
        && ($0.suspendedAt ?? .distantFuture) < time
    }
    for found in asked {
      if let why = suspicion(
        found.number, found.lastSharerLogin[name], event.clientAddress,
        at: event.earliest)
      {
        refuse(found.number, "\(name): \(why)")
      } else {
        shareRenewal(subject, with: found.number)
      }
    }
  }

  /// A mailbox that shares a case's evidence has a new password.
  mutating func shareRenewal(_ subject: Int32, with number: Int) {
    let name = subjects[subject].name
    cases[number].sharingRenewed[name] = now
    verifyIfComplete(number)
    if cases[number].isSuspended, cases[number].state != .verified { tellRenewal(number, name) }
  }

  /// A renewal that is not yet enough stands in the ledger, so that a restart knows it.
  mutating func tellRenewal(_ number: Int, _ mailbox: String? = nil) {
    let missing = required(number).filter { !isRenewed($0, number) && !isWaived($0, number) }
    var reason = "\(mailbox ?? cases[number].subjectName) has a new password"
    if !missing.isEmpty { reason += "; still missing: \(missing.joined(separator: ", "))" }
    if missing.isEmpty { reason += "; the customer's word is still missing" }
    append(
      Transition(
        time: now, action: .renewed, subject: mailbox ?? cases[number].subjectName, policy: nil,
        reason: reason, caseNumber: number))
  }

  mutating func followRenewal(_ number: Int, _ mailbox: String) {
    if mailbox == cases[number].subjectName {
      cases[number].renewedAt = now
    } else {
      cases[number].sharingRenewed[mailbox] = now
    }
  }

  /// An operator does without the renewal of one mailbox of several.
  /// - Returns: why it cannot be done, or nil where it is.
  mutating func waive(_ subject: Int32, _ reason: String, _ actor: String) -> String? {
    let name = subjects[subject].name
    let own = Int(subjects[subject].openCase)
    let asked = cases.cases.last {
      $0.isSuspended && ($0.number == own || $0.sharing.contains(name))
    }
    guard let number = asked?.number else { return "\(name) is not suspended" }
    let required = required(number)
    guard required.count > 1 else {
      return "\(name) is no part of an incident; 'sperrwerk restore' opens its sending"
    }
    guard !isWaived(name, number) else { return "\(name) is waived already" }
    guard required.contains(where: { $0 != name && !isWaived($0, number) }) else {
      return "\(name) is the incident's last that must renew; 'sperrwerk restore' opens it"
    }
    cases[number].waived.insert(name)
    var transition = Transition(
      time: now, action: .waive, subject: name, policy: nil, reason: reason, caseNumber: number)
    transition.actor = actor
    append(transition)
    verifyIfComplete(number)
    return nil
  }

  // MARK: The way back

  mutating func reported(_ subject: Int32) {
    let number = Int(subjects[subject].openCase)
    guard number > 0, cases[number].isSuspended, cases[number].reportedAt == nil else { return }
    cases[number].reportedAt = now
    enter(.reported, number)
    append(
      Transition(
        time: now, action: .reported, subject: subjects[subject].name, policy: nil,
        reason: "the customer says that the passwords are renewed", caseNumber: number))
    verifyIfComplete(number)
  }

  /// A step on the way; a case that is no longer suspended takes none.
  mutating func enter(_ state: Case.State, _ number: Int) {
    let way: [Case.State] = [.suspended, .notified, .reported, .verified]
    guard let here = way.firstIndex(of: cases[number].state), let there = way.firstIndex(of: state),
      there > here
    else { return }
    cases[number].state = state
  }

  func verifyIsComplete(_ members: [Int]) -> Bool {
    guard let first = members.first else { return false }
    return members.allSatisfy { cases[$0].isWaived || cases[$0].reportedAt != nil }
      && required(first).allSatisfy { isRenewed($0, first) || isWaived($0, first) }
  }

  mutating func verifyIfComplete(_ number: Int) {
    guard cases[number].isSuspended, cases[number].state != .verified else { return }
    let members = members(number)
    guard verifyIsComplete(members) else { return }
    for member in members { verify(member) }
  }

  /// Staff have opened a case by their own word: the others of its incident do without its password, until the
  /// thief is seen in it again.
  mutating func doWithout(_ number: Int) {
    for other in members(number) where other != number {
      cases[other].sharing.remove(cases[number].subjectName)
    }
  }

  /// What the others of the incident still lacked may have been that case alone.
  mutating func goOn(without number: Int) {
    doWithout(number)
    for other in members(number) where other != number { verifyIfComplete(other) }
  }

  private mutating func verify(_ number: Int) {
    let name = cases[number].subjectName
    enter(.verified, number)
    let isSite = subjects[cases[number].subject].isSite
    append(
      Transition(
        time: now, action: .verified, subject: name, policy: nil,
        reason: isSite
          ? "the customer says that the website is mended"
          : "the password was renewed after the suspension", caseNumber: number))
    let staff = settings.relapseNeedsStaff
    if isSite {
      tellStaff(
        number, "nothing tells when a website's hole is closed: staff must look and restore")
    } else if cases[number].isRelapse {
      tellStaff(
        number,
        "a relapse within the probation: the customer's machine may be infected"
          + (staff ? ": staff must restore" : "; look at it"))
    } else if staff, cases[number].needsStaff {
      tellStaff(number, "a change of the password did not verify before: staff must restore")
    }
    if pause == nil, !needsStaff(cases[number]) { restore(number, reason: nil, actor: nil) }
  }

  /// Whether only an operator's word opens sending again: always a website's.
  func needsStaff(_ found: Case) -> Bool {
    subjects[found.subject].isSite
      || (settings.relapseNeedsStaff && (found.isRelapse || found.needsStaff))
  }

  private mutating func tellStaff(_ number: Int, _ reason: String) {
    append(
      Transition(
        time: now, action: .alert, subject: cases[number].subjectName, policy: nil, reason: reason,
        caseNumber: number))
  }

  // MARK: Notices

  /// An order has been seen to hold: the customer is told, once.
  mutating func tookEffect(_ kind: Events.Order.Kind, _ number: Int) {
    switch kind {
    case .suspend where cases[number].isSuspended: orderNotice(.notify, number)
    case .open:
      // Who never heard of a stop is not told of its end.
      let last = cases[number].transitions.last {
        $0.orderKind == .suspend || $0.orderKind == .open
      }
      if last?.action != .release,
        cases[number].transitions.contains(where: { $0.action == .notify })
      {
        orderNotice(.notifyRestored, number)
      }
    case .notify where !settings.rehearses: enter(.notified, number)
    default: break
    }
  }

  private mutating func orderNotice(_ action: Transition.Action, _ number: Int) {
    guard settings.notifies else { return }
    // One for each stop: an order that is done again, as after a restart, tells nobody again.
    let steps = cases[number].transitions
    let stop = action == .notify ? Events.Order.Kind.suspend : .open
    guard let since = steps.lastIndex(where: { $0.orderKind == stop }),
      !steps[since...].contains(where: { $0.action == action })
    else { return }
    append(
      Transition(
        time: now, action: action, subject: cases[number].subjectName, policy: nil,
        reason: action == .notify
          ? "the customer is to be told of the suspension"
          : "the customer is to be told that sending is open again",
        caseNumber: number))
  }
}
