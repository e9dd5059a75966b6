import Actions
import Events
import Service
import Store

/// What acts on the mail system.
extension LiveParts {
  var mailQueue: MailQueue {
    MailQueue(
      postsuper: settings["postfix.postsuper"], postqueue: settings["postfix.postqueue"],
      configuration: settings.path("postfix.config"), privileges: settings.list("privileges"))
  }

  /// Nil in a dry run.
  func desk(_ store: LedgerStore, _ mailbox: Mailbox) -> QueueDesk? {
    if settings.flag("dry_run") { return nil }
    return QueueDesk(
      queue: mailQueue, store: store,
      perMinute: max(1, Int(settings.number("queue.release_per_minute"))),
      alert: { mailbox.send(.alert($0)) })
  }

  /// The real one, or the dry run's recorder.
  func actuator(_ mailbox: Mailbox, desk: QueueDesk?, _ stops: StopTable) -> ActuatorTask {
    if settings.flag("dry_run") { return ActuatorTask(actuator: Recorder(), mailbox: mailbox) }
    let configuration = settings.path("postfix.config")
    let table = PostfixTable(
      path: settings["postfix.table"], text: settings["policy_service.text"],
      postmap: settings["postfix.postmap"], configuration: configuration)
    let sessions = SourceFaults()
    return ActuatorTask(
      actuator: PostfixActuator(
        table: table, sites: settings.siteTable, doveadm: settings.path("dovecot.doveadm"),
        privileges: settings.list("privileges"),
        onFault: { fault, seen in
          sessions.failed(
            fault.rawValue, "who was logged in before may stay so", seen,
            at: MachineClock.steadyInstant)
        }),
      mailbox: mailbox, desk: desk, probe: StopProbe(settings, stops))
  }
}

extension LiveSettings {
  var heldSites: HeldSites {
    let configuration = path("postfix.config")
    return HeldSites(
      path: path("postfix.held_sites") ?? self["postfix.sites"] + "_held",
      postmap: self["postfix.postmap"],
      postfix: PostfixSettings(
        postconf: self["postfix.postconf"], configuration: configuration),
      configuration: configuration)
  }

  /// True also where there are no websites.
  var canHoldSites: Bool {
    get async {
      guard path("sites") != nil else { return true }
      return (try? await heldSites.isInstalled) == true
    }
  }

  var siteTable: SiteTable {
    SiteTable(
      path: self["postfix.sites"],
      postfix: PostfixSettings(
        postconf: self["postfix.postconf"], configuration: path("postfix.config")),
      held: heldSites)
  }
}
