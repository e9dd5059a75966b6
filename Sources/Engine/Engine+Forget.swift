import Events

/// What is over is not kept for ever.
extension Engine {
  /// Cases that have been over for as long as the settings say.
  mutating func forgetOldCases() {
    guard let keep = settings.keep else { return }
    let end = now - keep
    for found in cases.cases where found.state == .watched {
      if let last = found.transitions.last, last.time < end { close(found.number, .closed) }
    }
    cases.forget { !$0.isOpen && ($0.transitions.last?.time ?? .distantPast) < end }
  }

  /// All that was counted and seen of a subject; its place may be another's afterwards.
  mutating func clear(_ subject: Int32) {
    windows.clear(subject: subject)
    evidence.clear(subject)
    places.clear(subject)
    journeys.clear(subject)
    tries.clear(subject)
    scripts.clear(subject)
    if Int(subject) < sent.count { sent[Int(subject)].removeAll() }
  }

  /// Forgets an account whose cases are over.
  /// - Returns: why it cannot be; nil where it is done.
  mutating func forget(_ name: String, reason: String, actor: String, at time: Instant)
    -> String?
  {
    advance(to: time)
    guard let subject = subjects.find(name) else { return nil }
    let canonical = subjects[subject].name
    let own = cases.cases.filter { $0.subjectName == canonical }
    if let stopped = own.first(where: \.isStopped) {
      return
        "case \(stopped.number) of \(canonical) is not over (\(stopped.state.rawValue)); restore or dismiss it first"
    }
    for found in own where found.isOpen { close(found.number, .closed) }
    cases.forget { $0.subjectName == canonical }
    clear(subject)
    subjects[subject].inProbation = false
    entries.removeAll { $0.subject == canonical }
    joinLists()
    // What is queued still names its place; and the directory knows its own.
    if attribution.queue.ids(of: subject).isEmpty, !subjects[subject].isKnown {
      subjects.remove(subject)
    }
    var transition = Transition(
      time: now, action: .alert, subject: nil, policy: nil,
      reason: "an account was forgotten: \(reason)")
    transition.actor = actor
    append(transition)
    return nil
  }
}
