import Events
import Policy

/// From a policy's word to a stop: what may forbid it, and what the brakes make of it.
extension Engine {
  /// A hold or a suspension, if nothing forbids it.
  mutating func stop(_ decision: Decision, _ place: Int, _ fact: Fact, isHold: Bool) {
    let subject = fact.subject
    let open = Int(subjects[subject].openCase)
    if open > 0, cases[open].isSuspended || (isHold && cases[open].state == .held) { return }
    if pause != nil {
      tellOnce(
        "paused", decision, place, fact, note: "paused; would \(isHold ? "hold" : "suspend")")
      return
    }
    if let why = protection(subject) { return tellProtected(why, decision, place, fact) }
    let senders = activeSenders(subject)
    let isBraked = !isHold && !brakes.maySuspend(now, senders)
    if isBraked, !mayBeHeldInstead(open, decision, place, fact) { return }
    if isHold || isBraked, !brakes.mayHold(now, senders) {
      tellOnce(
        "braked hold", decision, place, fact,
        note: "too many holds within the hour; an operator must decide", as: .braked)
      return
    }
    let number = open > 0 ? open : openCase(subject, compiled[place].policy.name)
    cases[number].policy = compiled[place].policy.name
    noteEvidence(number, fact)
    if isHold || isBraked {
      brakes.didHold(now, reseller: senders.reseller)
      if isBraked { cases[number].braked = decision.reason }
      hold(number, grace: isBraked ? TimeSpan(seconds: 3600) : decision.grace)
      noteThief(number)
      record(.hold, decision, place, fact, number: number)
    } else {
      brakes.didSuspend(now, reseller: senders.reseller)
      suspend(number)
      noteThief(number)
      record(.suspend, decision, place, fact, number: number)
      linkIncident(number)
    }
  }

  /// There were too many suspensions: a hold takes this one's place, where there is none yet.
  private mutating func mayBeHeldInstead(
    _ open: Int, _ decision: Decision, _ place: Int, _ fact: Fact
  ) -> Bool {
    let note = "too many suspensions within the hour; held instead"
    if open > 0, cases[open].state == .held {
      tellOnce("braked suspension", decision, place, fact, note: note, as: .braked)
      return false
    }
    record(.braked, decision, place, fact, note: note)
    return true
  }

  /// From where the mail came that decided.
  private mutating func noteEvidence(_ number: Int, _ fact: Fact) {
    cases[number].addresses.formUnion(
      evidence.addresses(fact.subject, since: now - TimeSpan(seconds: 86_400)))
    if let address = fact.clientAddress,
      fact.flag(.newPlace) || cases[number].addresses.isEmpty
    {
      cases[number].addresses.insert(address)
    }
  }

  private mutating func tellProtected(
    _ why: String, _ decision: Decision, _ place: Int, _ fact: Fact
  ) {
    let day = TimeSpan(seconds: 86_400)
    guard isFirst("protected\n\(subjects[fact.subject].name)", within: day) else { return }
    subjects[fact.subject].quietUntil = now + day
    let scripts = scripts.summary(of: fact.subject).map { "; its scripts: \($0)" } ?? ""
    record(.alert, decision, place, fact, note: "protected (\(why)\(scripts))")
  }

  /// Why nothing may be done to a subject by itself; nil where it may.
  func protection(_ place: Int32) -> String? {
    let subject = subjects[place]
    return protection(
      subject.name, uid: subject.isSite ? subject.uid : nil, isListed: subject.isKnown)
  }

  /// - Parameters:
  ///   - uid: of a website.
  ///   - isListed: in the table of websites.
  func protection(_ name: String, uid: Int32?, isListed: Bool) -> String? {
    if let uid {
      if directory.sharedUIDs.contains(uid) { return "several sites share this uid" }
      if isListed { return nil }
      if !directory.sites.isEmpty { return "not listed as a website" }
      if uid < 1000 || uid == 65_534 { return "a system user" }
      return nil
    }
    let local = name.prefix { $0 != "@" }
    if ["postmaster", "abuse", "hostmaster"].contains(local) {
      return "\(local) must stay reachable"
    }
    if let entry = lists.protects(name, at: now) { return entry.reason }
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
}
