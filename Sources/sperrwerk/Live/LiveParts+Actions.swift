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
    // Of their own: what fails for one login works for the next, and `status` shows what fails now.
    let faults = SourceFaults()
    let probe = StopProbe(settings, stops)
    let table = PostfixTable(
      path: settings["postfix.table"], text: settings["policy_service.text"],
      postmap: settings["postfix.postmap"], configuration: configuration)
    return ActuatorTask(
      actuator: PostfixActuator(
        table: table, sites: settings.siteTable, doveadm: settings.path("dovecot.doveadm"),
        privileges: settings.list("privileges"),
        hasPolicyService: probe != nil,
        onFault: { what, meaning, seen in
          faults.failed(what, meaning, seen, at: MachineClock.steadyInstant)
        }),
      mailbox: mailbox, desk: desk, probe: probe)
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
