import Events
import Service

/// Sees what Postfix would be told about a subject, by asking our own socket as Postfix does.
struct StopProbe: Sendable {
  let probe: PolicyProbe
  /// What is to be answered.
  let stops: StopTable

  /// Nil where there is no policy service.
  init?(_ settings: LiveSettings, _ stops: StopTable) {
    if let socket = settings.path("policy_service.socket") {
      probe = PolicyProbe(.unix(socket))
    } else if let address = settings.policyAddress {
      probe = PolicyProbe(.tcp(host: address.host, port: Int(address.port)))
    } else {
      return nil
    }
    self.stops = stops
  }

  /// - Returns: what was seen; nil for a website, which Postfix knows by its uid alone.
  func see(_ subject: String) async throws(ActionError) -> String? {
    if Standing.uid(subject) != nil { return nil }
    let before = stops.stop(of: subject)
    let answer = try await probe.ask([subject]).first ?? ""
    // A later order may have come meanwhile.
    guard [before, stops.stop(of: subject)].contains(where: { answer.hasPrefix(Self.word($0)) })
    else { throw Self.fault(subject, answer, before) }
    return "the policy service answers \(answer.prefix { $0 != " " })"
  }

  /// What is wrong with the answers about all that are stopped.
  func faults(of standing: Standing) async -> [String] {
    let subjects = standing.accounts.keys.sorted()
    do {
      let answers = try await probe.ask(subjects)
      return zip(subjects, answers).compactMap { subject, answer in
        let wanted = stops.stop(of: subject)
        return answer.hasPrefix(Self.word(wanted)) ? nil : "\(Self.fault(subject, answer, wanted))"
      }
    } catch {
      return ["\(error)"]
    }
  }

  private static func word(_ stop: Standing.Stop?) -> String {
    switch stop {
    case .suspended: "REJECT"
    case .held: "HOLD"
    case nil: "DUNNO"
    }
  }

  private static func fault(_ subject: String, _ answer: String, _ stop: Standing.Stop?)
    -> ActionError
  {
    ActionError(
      place: "policy service", problem: "answers '\(answer)' about \(subject), not \(word(stop))",
      remedy: "see that no other program listens on policy_service")
  }
}
