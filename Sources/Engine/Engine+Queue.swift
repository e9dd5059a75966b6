package import Events
package import Policy

/// What subjects have in the mail queue.
extension Engine {
  /// Whether any policy counts what stands in the queue: else its listing is no input.
  package var countsQueue: Bool { windows.counts(.queueEntry) }

  /// What a subject has in the queue, as far as the log tells.
  package func queuedIDs(of name: String) -> [String] {
    subjects.find(name).map { attribution.queue.ids(of: $0) } ?? []
  }

  /// As the setting is called: no window's name has a dot.
  static let afterRestore = "queue.after_restore"

  /// What the policy that stopped a case's subject says of its queued mail; nil where the settings say it.
  package func queueChoice(of number: Int) -> QueueChoice? {
    guard cases.knows(number) else { return nil }
    let readings = cases[number].transitions.reversed().lazy.flatMap(\.readings)
    return readings.first { $0.name == Self.afterRestore }.flatMap {
      QueueChoice(rawValue: $0.value)
    }
  }

  /// Who is stopped, where no operator has let queued mail go since.
  /// - Parameter span: so long before the last input at most.
  package func stoppedAlone(within span: TimeSpan? = nil) -> [String] {
    cases.cases.filter { one in
      guard one.isStopped, let stoppedAt = one.stoppedAt else { return false }
      if let span, now - stoppedAt > span { return false }
      let release = OperatorRequest.Command.queueRelease.queueWord ?? ""
      return !one.transitions.contains {
        $0.action == .queue && $0.time >= stoppedAt && $0.reason.hasPrefix(release)
      }
    }.map(\.subjectName)
  }

  /// What an operator has done with queued mail; it stands in the open case, where there is one.
  mutating func noteQueue(_ name: String, _ text: String, actor: String, at time: Instant) {
    advance(to: time)
    let number = subjects.find(name).map { Int(subjects[$0].openCase) } ?? -1
    var transition = Transition(
      time: now, action: .queue, subject: name, policy: nil, reason: text,
      caseNumber: number > 0 ? number : nil)
    transition.actor = actor
    append(transition)
  }
}
