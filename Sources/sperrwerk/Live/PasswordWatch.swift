import Actions
import Engine
import Events
import ServiceLifecycle

/// A password change that a source knows of, on its way to the loop.
struct SeenChange: Sendable {
  var account: String
  var time: Instant
  /// Where `time` is only when it was seen: the earliest that it can have been.
  var earliest: Instant? = nil
  var source: String
}

/// Asks the configured sources whether suspended accounts have new passwords: at an interval, and at once after a
/// suspension or where an operator says so. In a task of its own, since a database may be slow.
struct PasswordWatch: ServiceLifecycle.Service {
  let sources: [any PasswordSource]
  let book: PasswordBook
  let rounds: Rounds
  let mailbox: Mailbox

  func run() async throws {
    await cancelWhenGracefulShutdown { await rounds.run { await look(mailbox.faults) } }
  }

  func look(_ faults: SourceFaults) async {
    guard let awaited = await ask() else { return }
    // One source after the other: what is asked of a database is a handful of rows.
    for source in sources { await look(awaited, source, faults) }
    let open = Set(awaited.map(\.account))
    await note("passwords.json", "after a restart a change may go unseen", faults) {
      () async throws(ActionError) in try await book.keep(only: open)
    }
  }

  /// One account that a source cannot tell of does not keep it from telling of the others.
  private func look(
    _ awaited: [AwaitedAccount], _ source: any PasswordSource, _ faults: SourceFaults
  ) async {
    if awaited.isEmpty { return }
    let meaning = "who has a new password may stay suspended"
    await note(source.name, meaning, faults) { () async throws(ActionError) in
      var fault: ActionError?
      for account in awaited {
        do throws(ActionError) { try await look(account, source) } catch { fault = fault ?? error }
      }
      if let fault { throw fault }
    }
  }

  private func note(
    _ source: String, _ meaning: String, _ faults: SourceFaults,
    _ body: () async throws(ActionError) -> Void
  ) async {
    do {
      try await body()
      faults.worked(source)
    } catch {
      // What the end of the service cuts off is no fault.
      if Task.isCancelled { return }
      faults.failed(source, meaning, "\(error)", at: MachineClock.steadyInstant)
    }
  }

  private func look(
    _ awaited: AwaitedAccount, _ source: any PasswordSource
  ) async throws(ActionError) {
    let now = MachineClock.wall
    guard let time = try await source.lastChange(of: awaited, at: now),
      await book.isNew(time, source.name, awaited)
    else { return }
    // Told again after the next start, where the service ends before the loop has it on disk: that changes nothing.
    let change = SeenChange(
      account: awaited.account, time: time, earliest: await source.earliest(of: awaited),
      source: source.name)
    guard await hand(change) else { return }
    try await book.told(time, source.name, awaited)
  }

  /// The suspended accounts, from the loop; nil where the service ends before it answers.
  private func ask() async -> [AwaitedAccount]? {
    let (answers, answer) = AsyncStream.makeStream(of: [AwaitedAccount].self)
    mailbox.send(.awaited(reply: { answer.yield($0) }))
    for await awaited in answers { return awaited }
    return nil
  }

  /// - Returns: false where the service ends before the loop has taken it.
  private func hand(_ change: SeenChange) async -> Bool {
    let (answers, answer) = AsyncStream.makeStream(of: Void.self)
    mailbox.send(.passwordChange(change, taken: { answer.yield() }))
    for await _ in answers { return true }
    return false
  }
}

/// The sources that the settings name.
struct PasswordSources {
  let sources: [any PasswordSource]
  let book: PasswordBook

  init(_ settings: LiveSettings) throws(ActionError) {
    book = PasswordBook(path: settings["state"] + "/passwords.json")
    let zone = SourceOptions.offset(settings["passwords.zone"])
    let connection = settings["database.connection"]
    var sources: [any PasswordSource] = []
    func query(_ key: String) throws(ActionError) -> DatabaseQuery? {
      guard let text = settings.path(key) else { return nil }
      guard !connection.isEmpty else {
        throw ActionError(
          place: key, problem: "there is no database", remedy: "set database.connection")
      }
      return try DatabaseQuery(text, connection: connection, name: key)
    }
    if let query = try query("passwords.query") {
      sources.append(PasswordQuery(query, zone: zone))
    }
    if let first = settings.list("passwords.command").first, !first.isEmpty {
      sources.append(PasswordCommand(settings.list("passwords.command"), zone: zone))
    }
    let key = settings.path("passwords.key") ?? settings["state"] + "/passwords.key"
    if let file = settings.path("passwords.passwd_file") {
      sources.append(try PasswordFingerprint(.file(file), key: key, book: book))
    }
    if let query = try query("passwords.hash_query") {
      sources.append(try PasswordFingerprint(.query(query), key: key, book: book))
    }
    self.sources = sources
  }
}
