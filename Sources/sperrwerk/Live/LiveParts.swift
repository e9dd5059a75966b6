import Actions
import ArgumentParser
import Collectors
import Engine
import Events
import Foundation
import Policy
import Store

/// What the settings name, opened: each fault is told, and the service does not start with one.
struct LiveParts {
  let settings: LiveSettings
  private let clock: LogClock
  let deciding: Deciding
  let geo: Geo
  /// The folder to record all inputs in; nil where that is not asked for.
  let record: String?
  private let changesPattern: AccountPattern?

  init(_ settings: LiveSettings, record: String? = nil) throws {
    self.settings = settings
    self.record = record
    deciding = try Self.decidingOrKept(settings)
    for fault in deciding.directory.faults { LiveLog.say(fault) }
    do { geo = try Geo(cities: settings.path("geo"), systems: settings.path("asn")) } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
    do {
      changesPattern = try settings.path("passwords.pattern").map {
        text throws(CollectorError) in try AccountPattern(text)
      }
    } catch {
      Output.complain("passwords.pattern: \(error)")
      throw ExitCode(65)
    }
    if let fault = settings.freshnessFault {
      Output.complain(fault)
      throw ExitCode(65)
    }
    clock = LogClock(zone: SourceOptions.offset(settings["zone"]), reference: MachineClock.wall)
  }

  // MARK: Sources

  var sourceNames: [String] {
    let journal = settings.path("journal").map(JournalTail.name)
    return settings.list("logs") + [settings.path("password_changes"), journal].compactMap(\.self)
  }

  private func form(of path: String) -> LogForm {
    path == settings.path("password_changes") ? .passwordChanges(changesPattern) : .mail
  }

  /// From the rotated logs that were written to since a time, and the journal's entries since then.
  func sources(since: Instant) throws -> [any LiveSource] {
    try sourceNames.map { name in
      if let place = journalPlace(name) { return try journal(place, since, nil) }
      return FileTail(path: name, since: since, clock: clock, form: form(of: name))
    }
  }

  /// Where each was left.
  /// - Parameter since: of one that was not there yet, rotated files that were last written to before this are left
  ///   out.
  func sources(at positions: [String: String], since: Instant) throws -> [any LiveSource] {
    try sourceNames.map { name in
      var cursor: SourceCursor?
      if let text = positions[name], !text.isEmpty {
        cursor = try JSONDecoder().decode(SourceCursor.self, from: Data(text.utf8))
      }
      if let place = journalPlace(name) { return try journal(place, since, cursor) }
      if case .file(let place)? = cursor {
        return FileTail(path: name, resuming: place, clock: clock, form: form(of: name))
      }
      return FileTail(path: name, since: since, clock: clock, form: form(of: name))
    }
  }

  private func journalPlace(_ name: String) -> String? {
    settings.path("journal").flatMap { JournalTail.name(of: $0) == name ? $0 : nil }
  }

  private func journal(
    _ place: String, _ since: Instant, _ cursor: SourceCursor?
  ) throws(CollectorError) -> JournalTail {
    let matches = settings.list("journal_matches")
    if case .journal(let entry)? = cursor {
      return try JournalTail(place, matches: matches, resuming: entry, writers: .ofThisHost)
    }
    return try JournalTail(place, matches: matches, since: since, writers: .ofThisHost)
  }

  /// Nil where the queue is not looked at.
  func queuePoll(_ mailbox: Mailbox) -> QueuePoll? {
    guard settings.span("queue.poll") > .zero else { return nil }
    var program = Program(settings["postfix.postqueue"])
    // As long as a look takes no longer than until the next one.
    program.limit = .seconds(max(60, settings.span("queue.poll").seconds))
    return QueuePoll(
      postqueue: program, configuration: settings.postfixOptions,
      rounds: Rounds(every: settings.span("queue.poll")), mailbox: mailbox)
  }

  /// Nil where no source is configured.
  func passwordWatch(_ mailbox: Mailbox) throws -> PasswordWatch? {
    do {
      let configured = try PasswordSources(settings)
      if configured.sources.isEmpty { return nil }
      return PasswordWatch(
        sources: configured.sources, book: configured.book,
        rounds: Rounds(every: settings.span("passwords.every")), mailbox: mailbox)
    } catch {
      Output.complain("\(error)")
      throw ExitCode(65)
    }
  }
}

extension LiveSource {
  /// The cursor as text, for snapshots and recordings; empty before the first line.
  var position: String {
    guard let cursor, let json = try? JSONEncoder().encode(cursor) else { return "" }
    return String(decoding: json, as: UTF8.self)
  }
}
