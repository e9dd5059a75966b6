import Actions
import Engine
import Events

/// Password changes that no log tells.
extension EngineLoop {
  /// The names of their sources among the engine's files.
  static let passwordSources = [
    "passwords.query", "passwords.command", "passwords.passwd_file", "passwords.hash_query",
  ]

  var awaited: [AwaitedAccount] {
    engine.awaitedRenewals.map {
      AwaitedAccount(
        account: $0.account, caseNumber: $0.caseNumber, suspendedAt: clock.wall($0.suspendedAt))
    }
  }

  func take(_ change: SeenChange) {
    let line = Array("\(change.time.rfc3339(digits: 6)) \(change.account)".utf8)
    let name = line.count - change.account.utf8.count
    var event = LogEvent()
    event.kind = .passwordChange
    event.time = change.time
    event.timeDigits = 6
    event.saslLogin = Field(name..<line.count)
    feed(event, line.span, from: engine.fileIndex(of: change.source))
  }

  /// Asks at once where somebody was suspended since the last turn.
  func ringForPasswords() {
    let count = engine.awaitedRenewals.count
    if count > awaitedCount { onSuspension() }
    awaitedCount = count
  }
}
