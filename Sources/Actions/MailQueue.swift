package import Events

/// What a subject has in the queue: held, released or deleted by queue id, never by sender.
package struct MailQueue: Sendable {
  private let postsuper: Program
  private let configuration: [String]

  /// - Parameter privileges: what stands before postsuper, which only root may run.
  package init(postsuper: String, configuration: String?, privileges: [String] = []) {
    var program = Program(postsuper, through: privileges)
    program.limit = .seconds(60)
    self.postsuper = program
    self.configuration = configuration.map { ["-c", $0] } ?? []
  }

  package enum Change: Sendable { case hold, release, requeue, delete }

  /// - Returns: how many messages postsuper says it has changed: ids that are gone are no error.
  package func change(_ change: Change, _ ids: [String]) async throws(ActionError) -> Int {
    if ids.isEmpty { return 0 }
    // Only ids on hold are deleted, so that what was released meanwhile survives.
    let options: [String] =
      switch change {
      case .hold: ["-h", "-"]
      case .release: ["-H", "-"]
      case .requeue: ["-r", "-"]
      case .delete: ["-d", "-", "hold"]
      }
    let result = try await postsuper.run(
      configuration + options, input: ids.map { $0 + "\n" }.joined())
    guard result.status == 0 else {
      throw ActionError(
        place: "postsuper", problem: String(result.errors.prefix(200)),
        remedy: "it must run as root: see 'privileges' in the settings")
    }
    return Self.count(result.errors)
  }

  /// `postsuper: Placed on hold: 40 messages`; its exit status is 0 whatever happened.
  static func count(_ text: String) -> Int {
    for line in text.split(separator: "\n") where line.contains(" message") {
      let words = line.split(separator: " ")
      if let place = words.lastIndex(where: { $0.hasPrefix("message") }), place > 0,
        let count = Int(words[place - 1])
      {
        return count
      }
    }
    return 0
  }
}
