package import Events
import Policy

/// Why a subject is, or is not, stopped.
extension Engine {
  /// How near each policy is now; of a replay's focus how near it came.
  /// - Returns: nil where nothing is known of the subject.
  package mutating func explanation(of name: String) -> Explanation? {
    guard let subject = subjects.find(name) else { return nil }
    var explanation = Explanation(
      subject: subjects[subject].name,
      mailsToday: Int(subject) < sent.count ? Int(sent[Int(subject)].total) : 0, policies: [])
    let open = Int(subjects[subject].openCase)
    explanation.openCase = open > 0 ? open : nil
    explanation.protection = protection(subject)
    for place in compiled.indices
    where compiled[place].policy.applies(toSite: subjects[subject].isSite) {
      explanation.policies += nearness(of: place, subject)
    }
    explanation.lists = listReport.entries.filter { $0.subject == subjects[subject].name }
    explanation.steps = cases.cases.filter { $0.subjectName == subjects[subject].name }
      .flatMap(\.transitions).suffix(20).map(CaseDetail.Step.init)
    return explanation
  }

  /// Whether a log line, or the directory, has named it.
  package func knows(_ name: String) -> Bool { subjects.find(name) != nil }

  /// Why no policy may do anything to a login or a website; nil where it may.
  package func protection(of name: String) -> String? {
    if let known = subjects.find(name) { return protection(known) }
    let name = Self.canonical(name)
    let uid = name.hasPrefix("uid:") ? Int32(name.dropFirst(4)) : nil
    return protection(name, uid: uid, isListed: false)
  }

  /// One for each kind of event that the policy looks at, as it is now; of a replay's focus where it was nearest.
  private mutating func nearness(of place: Int, _ subject: Int32) -> [Explanation.Policy] {
    let policy = compiled[place].policy
    if subject == focus {
      return [
        nearness[policy.name]
          ?? Explanation.Policy(name: policy.name, event: "", isShadow: policy.isShadow, gates: [])
      ]
    }
    return PolicyEvent.allCases.flatMap { event in
      compiled[place].handlers[event.index].indices.map { number in
        var fact = Fact(event: event, time: now, log: LogEvent())
        fact.subject = subject
        fact.isSite = subjects[subject].isSite
        let nothing: [UInt8] = []
        var near = nearness(of: place, number, fact, nothing.span)
        near.readings = zip(policy.windows, compiled[place].windows).compactMap { window, number in
          windows.value(number, fact, nothing.span, subjects).text.map {
            .init(name: window.name, value: $0)
          }
        }
        near.settings = settings(of: policy.name)
        return near
      }
    }
  }

  /// How near a handler is to be asked about an event.
  private mutating func nearness(
    of place: Int, _ number: Int, _ fact: borrowing Fact, _ line: Span<UInt8>
  ) -> Explanation.Policy {
    let policy = compiled[place].policy
    var near = Explanation.Policy(
      name: policy.name, event: fact.event.name, isShadow: policy.isShadow, gates: [])
    for gate in compiled[place].handlers[fact.event.index][number].gates {
      let window = compiled[place].windows.firstIndex(of: gate.window) ?? 0
      near.gates.append(
        .init(
          window: policy.windows[window].name,
          value: windows.value(gate.window, fact, line, subjects).asNumber, needed: gate.atLeast))
    }
    return near
  }

  /// Of a replay's focus: keeps the moment at which a policy was nearest to be asked.
  mutating func noteNearness(
    _ place: Int, _ number: Int, _ fact: borrowing Fact, _ line: Span<UInt8>
  ) {
    var near = nearness(of: place, number, fact, line)
    let known = nearness[near.name]
    (near.looked, near.asked) = (known?.looked ?? 0, known?.asked ?? 0)
    (near.allowed, near.rested) = (known?.allowed ?? 0, known?.rested ?? 0)
    near.decided = known?.decided ?? 0
    near.looked += 1
    if near.gates.allSatisfy(\.isPassed) { near.asked += 1 }
    near.time = now
    if let known, near.progress <= known.progress {
      (near.event, near.gates, near.time) = (known.event, known.gates, known.time)
    }
    nearness[near.name] = near
  }

  /// A policy's settings as they are now.
  func settings(of policy: String) -> [Transition.Reading] {
    let found = compiled.first { $0.policy.name == policy }?.policy.settings ?? []
    return found.map { .init(name: $0.name, value: $0.text) }
  }
}
