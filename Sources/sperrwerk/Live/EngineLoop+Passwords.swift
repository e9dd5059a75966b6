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
    event.arrivalTime = change.earliest.map(clock.shifted)
    event.timeDigits = 6
    event.saslLogin = Field(name..<line.count)
    feed(event, line.span, from: engine.fileIndex(of: change.source))
  }

  /// Asks at once where another account is awaited since the last turn: what it has now is what a change differs from.
  func ringForPasswords() {
    let accounts = Set(engine.awaitedRenewals.map { "\($0.caseNumber) \($0.account)" })
    if !accounts.isSubset(of: askedFor) { askForPasswords() }
    askedFor = accounts
  }

  /// A log's stamp far ahead is of a wrong zone or clock: what happened long ago would count as just now, and open the
  /// account of whoever has not renewed anything.
  func isAhead(_ event: borrowing LogEvent) -> Bool {
    guard event.kind == .passwordChange else { return false }
    return clock.shifted(event.time) > clock.now + Self.skew
  }

  /// Once an hour.
  func tellAhead(_ event: borrowing LogEvent, from index: Int32) {
    guard clock.now - toldAhead >= TimeSpan(seconds: 3600) else { return }
    toldAhead = clock.now
    Alerts.raise(
      "\(engine.fileNames[Int(index)]): a password change of \(event.time.rfc3339(digits: 0)) lies in the future, "
        + "and opens nothing: see to the clock and the zone of what writes it ('zone' in the settings)"
    )
  }

  /// The clocks of two machines may differ by this much; no two zones differ by so little.
  private static let skew = TimeSpan(seconds: 300)
}
