import Actions
import ArgumentParser
import Collectors
import Engine
import Events
import Policy
import Store

/// What the settings name, opened: each fault is told, and the service does not start with one.
struct LiveParts {
  private let settings: LiveSettings
  private let policies: PolicySet
  private let directory: Directory
  private let decidesFrom: Instant
  let tails: [FileTail]
  let changes: AccountLog?

  init(_ settings: LiveSettings, _ store: LedgerStore) throws {
    self.settings = settings
    let policies = PolicySet(directory: settings["policies"])
    for error in policies.errors { Output.complain("\(error)") }
    guard policies.errors.isEmpty else { throw ExitCode(65) }
    self.policies = policies
    var directory = Directory()
    if let file = settings.path("accounts") {
      directory.readAccounts(CSVTable(try Replay.contents(file)), file: file)
    }
    if let file = settings.path("sites") {
      directory.readSites(CSVTable(try Replay.contents(file)), file: file)
    }
    for fault in directory.faults { LiveLog.say(fault) }
    self.directory = directory
    let now = EngineLoop.wallClock
    // At the first start nothing is decided on old logs: the windows are warmed, that is all.
    decidesFrom = try store.decidedTo ?? now
    let clock = LogClock(zone: SourceOptions.offset(settings["zone"]), reference: now)
    tails = settings.list("logs").map {
      FileTail(path: $0, since: now - settings.span("warm_up"), clock: clock)
    }
    do {
      changes = try settings.path("password_changes").map { file throws(CollectorError) in
        try AccountLog(file, clock: clock, follows: true)
      }
    } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
  }

  func engine() throws -> Engine {
    var engineSettings = settings.engine
    engineSettings.decidesFrom = decidesFrom
    let geo: Geo
    do { geo = try Geo(cities: settings.path("geo"), systems: settings.path("asn")) } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
    let classifier = ReplyClassifier(
      extra: policies.replies.map { ReplyPattern($0.replyClass, $0.says) })
    return Engine(
      settings: engineSettings, policies: policies, directory: directory, geo: geo,
      fileNames: tails.map(\.path) + [changes?.fileName].compactMap { $0 },
      classify: classifier.classify)
  }

  /// Nil in a dry run.
  var desk: QueueDesk? {
    if settings.flag("dry_run") { return nil }
    let configuration = settings.path("postfix.config")
    return QueueDesk(
      queue: MailQueue(postsuper: settings["postfix.postsuper"], configuration: configuration),
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
        doveadm: settings.path("dovecot.doveadm")),
      queue: MailQueue(postsuper: settings["postfix.postsuper"], configuration: configuration),
      mailbox: mailbox)
  }
}
