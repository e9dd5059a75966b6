package import Events
import Policy

/// Why a subject is, or is not, stopped.
extension Engine {
  /// How near each policy is now.
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

  /// One for each kind of event that the policy looks at.
  private mutating func nearness(of place: Int, _ subject: Int32) -> [Explanation.Policy] {
    let policy = compiled[place].policy
    return PolicyEvent.allCases.flatMap { event in
      compiled[place].handlers[event.index].map { handler in
        var fact = Fact(event: event, time: now, log: LogEvent())
        fact.subject = subject
        fact.isSite = subjects[subject].isSite
        func value(_ window: Int) -> WindowValue {
          let nothing: [UInt8] = []
          return windows.value(window, fact, nothing.span, subjects)
        }
        var near = Explanation.Policy(
          name: policy.name, event: event.name, isShadow: policy.isShadow,
          gates: handler.gates.map { gate in
            let number = compiled[place].windows.firstIndex(of: gate.window) ?? 0
            return Explanation.Gate(
              window: policy.windows[number].name, value: value(gate.window).asNumber,
              needed: gate.atLeast)
          })
        near.readings = zip(policy.windows, compiled[place].windows).compactMap { window, number in
          value(number).text.map { .init(name: window.name, value: $0) }
        }
        near.settings = policy.settings.map { .init(name: $0.name, value: $0.text) }
        return near
      }
    }
  }
}
