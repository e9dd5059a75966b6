import Actions
import Events
import Foundation
import ServiceLifecycle
import Synchronization

/// Brings the directory from a database into files of ours, as the tables that `accounts` and `sites` are: at start,
/// and then at an interval. What is there stays where the database is away or suddenly has nothing.
struct DirectoryFetch: ServiceLifecycle.Service {
  struct Table: Sendable {
    var query: DatabaseQuery
    /// The column without which a row is of nobody.
    var column: String
    var file: String
  }

  let tables: [Table]
  let rounds: Rounds
  let mailbox: Mailbox
  private let progress = Progress()

  /// How many tables were written so far, and how many of them when the loop last took them.
  private final class Progress: Sendable {
    let written = Atomic(0)
    let taken = Atomic(0)
  }

  /// Nil where the directory is not in a database.
  init?(_ settings: LiveSettings, _ mailbox: Mailbox) throws(ActionError) {
    var tables: [Table] = []
    for (name, column) in [("accounts", "account"), ("sites", "uid")] {
      guard let text = settings.path(name + "_query") else { continue }
      guard settings.path(name) == nil else {
        throw ActionError(
          place: name + "_query", problem: "'\(name)' is set too", remedy: "keep one of the two")
      }
      let query = try DatabaseQuery(
        text, connection: settings["database.connection"], name: name + "_query")
      tables.append(
        Table(query: query, column: column, file: settings.directory(name) ?? ""))
    }
    if tables.isEmpty { return nil }
    self.tables = tables
    self.mailbox = mailbox
    rounds = Rounds(every: settings.span("directory_every"))
  }

  /// Where there is nothing from an earlier run either, the service cannot begin.
  func begin() async throws(ActionError) {
    // What it writes is read when all is.
    defer { progress.taken.store(progress.written.load(ordering: .relaxed), ordering: .relaxed) }
    do { try await fetch() } catch {
      guard tables.allSatisfy({ FileManager.default.fileExists(atPath: $0.file) }) else {
        throw error
      }
      Alerts.raise("the directory stays as it was: \(error)")
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown { await rounds.run { await look(mailbox.faults) } }
  }

  func look(_ faults: SourceFaults) async {
    // One table is handed over also where the other cannot be had.
    defer { handOver() }
    do throws(ActionError) {
      try await fetch()
      faults.worked(Self.name)
    } catch {
      // What the end of the service cuts off is no fault.
      if Task.isCancelled { return }
      faults.failed(
        Self.name, "accounts and websites stay as they were", "\(error)",
        at: MachineClock.steadyInstant)
    }
  }

  private static let name = "the directory's database"

  /// Again at each look, until the loop has taken what was written.
  private func handOver() {
    let progress = progress
    let written = progress.written.load(ordering: .relaxed)
    guard written > progress.taken.load(ordering: .relaxed) else { return }
    mailbox.send(.directory(taken: { progress.taken.store(written, ordering: .relaxed) }))
  }

  private func fetch() async throws(ActionError) {
    for table in tables {
      let fresh = try await table.query.table()
      let old = FileManager.default.contents(atPath: table.file)
      if old == Data(fresh.utf8) { continue }
      let header = fresh.prefix { $0 != "\n" }
      guard header.split(separator: ",").contains(Substring(table.column)) else {
        throw ActionError(
          place: table.query.name, problem: "gives no column '\(table.column)'",
          remedy:
            "name the columns as in the table of 'accounts' or 'sites': SELECT … AS \(table.column)"
        )
      }
      guard fresh.utf8.count > header.utf8.count + 1 || old == nil else {
        throw ActionError(
          place: table.query.name, problem: "gives no rows any more",
          remedy: "what was known stays; if it is meant, remove \(table.file)")
      }
      try SafeFile.write(fresh, to: table.file, mode: 0o640)
      progress.written.add(1, ordering: .relaxed)
    }
  }
}

extension LiveSettings {
  /// The file of the table `accounts` or `sites`: the one that is named, or ours of what a database gave.
  func directory(_ name: String) -> String? {
    path(name + "_query") == nil ? path(name) : self["state"] + "/\(name).csv"
  }
}
