import Actions
import Engine
import Events
import ServiceLifecycle
import Synchronization

/// A password change that a source knows of, on its way to the loop.
struct SeenChange: Sendable {
  var account: String
  var time: Instant
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
    await cancelWhenGracefulShutdown {
      let faults = Faults()
      await rounds.run { await look(faults) }
    }
  }

  func look(_ faults: Faults) async {
    guard let awaited = await ask() else { return }
    // One source after the other: what is asked of a database is a handful of rows.
    for source in sources {
      for account in awaited { await look(account, source, faults) }
    }
    do { try await book.keep(only: Set(awaited.map(\.account))) } catch { faults.say(error) }
  }

  private func look(
    _ awaited: AwaitedAccount, _ source: any PasswordSource, _ faults: Faults
  ) async {
    do {
      let now = MachineClock.wall
      guard let time = try await source.lastChange(of: awaited, at: now),
        await book.isNew(time, source.name, awaited)
      else { return }
      // Told again after the next start, where the service ends before the loop has it on disk: that changes nothing.
      guard await hand(SeenChange(account: awaited.account, time: time, source: source.name)) else {
        return
      }
      try await book.told(time, source.name, awaited)
    } catch {
      faults.say(error)
    }
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

  /// Says a fault once, until there is another.
  final class Faults: Sendable {
    private let said = Mutex<Set<String>>([])

    func say(_ error: ActionError) {
      let isNew = said.withLock { said in
        if said.count > 100 { said.removeAll() }
        return said.insert("\(error)").inserted
      }
      if isNew { Alerts.raise("\(error)") }
    }
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
