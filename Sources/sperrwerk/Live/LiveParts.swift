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
  private let settings: LiveSettings
  private let clock: LogClock
  let deciding: Deciding
  let geo: Geo
  /// The folder to record all inputs in; nil where that is not asked for.
  let record: String?
  private let changesPattern: AccountPattern?

  init(_ settings: LiveSettings, record: String? = nil) throws {
    self.settings = settings
    self.record = record
    do { deciding = try Deciding(settings) } catch {
      Output.complain("\(error)")
      throw ExitCode(65)
    }
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
    clock = LogClock(zone: SourceOptions.offset(settings["zone"]), reference: MachineClock.wall)
  }

  // MARK: Sources

  var sourceNames: [String] {
    settings.list("logs") + [settings.path("password_changes")].compactMap(\.self)
  }

  private func form(of path: String) -> LogForm {
    path == settings.path("password_changes") ? .passwordChanges(changesPattern) : .mail
  }

  /// From the rotated logs that were written to since a time.
  func sources(since: Instant) -> [any LiveSource] {
    sourceNames.map { FileTail(path: $0, since: since, clock: clock, form: form(of: $0)) }
  }

  /// Where each was left.
  func sources(at positions: [String: String]) throws -> [any LiveSource] {
    try sourceNames.map { name in
      guard let text = positions[name], !text.isEmpty else {
        return FileTail(path: name, since: .distantPast, clock: clock, form: form(of: name))
      }
      switch try JSONDecoder().decode(SourceCursor.self, from: Data(text.utf8)) {
      case .file(let cursor): 
        return FileTail(path: name, resuming: cursor, clock: clock, form: form(of: name))
      }
    }
  }

  /// Nil where the queue is not looked at.
  func queuePoll(_ mailbox: Mailbox) -> QueuePoll? {
    guard settings.span("queue.poll") > .zero else { return nil }
    var program = Program(settings["postfix.postqueue"])
    // As long as a look takes no longer than until the next one.
    program.limit = .seconds(max(60, settings.span("queue.poll").seconds))
    return QueuePoll(
      postqueue: program,
      configuration: settings.path("postfix.config").map { ["-c", $0] } ?? [],
      rounds: Rounds(every: settings.span("queue.poll")), mailbox: mailbox)
  }

  // MARK: Actions

  /// Nil in a dry run.
  var desk: QueueDesk? {
    if settings.flag("dry_run") { return nil }
    let configuration = settings.path("postfix.config")
    return QueueDesk(
      queue: MailQueue(
        postsuper: settings["postfix.postsuper"], configuration: configuration,
        privileges: settings.list("privileges")),
      postqueue: Program(settings["postfix.postqueue"]),
      configuration: configuration.map { ["-c", $0] } ?? [],
      perMinute: max(1, Int(settings.number("queue.release_per_minute"))))
  }

  /// The real one, or the dry run's recorder.
  func actuator(_ mailbox: Mailbox) -> ActuatorTask {
    if settings.flag("dry_run") {
      return ActuatorTask(actuator: Recorder(), queue: nil, mailbox: mailbox)
    }
    let configuration = settings.path("postfix.config")
    let table = PostfixTable(
      path: settings["postfix.table"], text: settings["policy_service.text"],
      postmap: settings["postfix.postmap"], configuration: configuration)
    return ActuatorTask(
      actuator: PostfixActuator(
        table: table, sites: SiteTable(path: settings["postfix.sites"]),
        doveadm: settings.path("dovecot.doveadm"), privileges: settings.list("privileges")),
      queue: MailQueue(
        postsuper: settings["postfix.postsuper"], configuration: configuration,
        privileges: settings.list("privileges")),
      mailbox: mailbox)
  }
}

extension LiveSource {
  /// The cursor as text, for snapshots and recordings; empty before the first line.
  var position: String {
    guard let cursor, let json = try? JSONEncoder().encode(cursor) else { return "" }
    return String(decoding: json, as: UTF8.self)
  }
}
