import Engine
import Events
import Foundation
import Policy
import Store

/// Operators' commands about the service itself and what it keeps: reload, backup, lists, forget, explain.
extension EngineLoop {
  /// Takes policies and settings anew; a set that is not well changes nothing.
  func reload() -> OperatorReply {
    do {
      var adopted = settings
      let outcome = adopted.adopt(try LiveSettings.read(settings.file))
      let fresh = try Deciding(adopted)
      let templates = fresh.noticeFolder(adopted)
      if notices != nil, let fault = NoticeSet(directory: templates).errors.first { throw fault }
      try takeDeciding(fresh)
      settings = adopted
      onReload(adopted)
      notices?.orders.yield(.templates(templates))
      if let desk {
        let pace = max(1, Int(settings.number("queue.release_per_minute")))
        Task { await desk.pace(pace) }
      }
      let report = ReloadReport(
        policies: fresh.policies.policies.count, changed: outcome.changed,
        afterRestart: outcome.afterRestart)
      return reply(.reload(report), Self.text(report))
    } catch {
      return OperatorReply(
        isDone: false, text: "the policies and settings stay as they were:\n\(error)")
    }
  }

  /// Takes the tables of accounts, websites and contacts anew, and this host's addresses.
  /// - Returns: false where they stay as they were.
  func takeDirectory() -> Bool {
    guard let journal else { return false }
    do {
      let kept = journal.folder.policiesPath(policiesNumber)
      try takeDeciding(deciding.with(directoryOf: settings, kept: kept))
      LiveLog.say("the directory is taken anew")
      return true
    } catch {
      Alerts.raise("the directory stays as it was: \(error)")
      return false
    }
  }

  private static func text(_ report: ReloadReport) -> String {
    var text = "\(report.policies) policies are in force"
    if !report.changed.isEmpty {
      text += "; changed settings: \(report.changed.joined(separator: ", "))"
    }
    if !report.afterRestart.isEmpty {
      text += "; after a restart: \(report.afterRestart.joined(separator: ", "))"
    }
    return text
  }

  /// Copies the ledger while the loop goes on.
  func backup(_ request: OperatorRequest, reply: @escaping @Sendable (OperatorReply) -> Void) {
    guard let file = request.file, file.hasPrefix("/") else {
      reply(OperatorReply(isDone: false, text: "name the file to write, from / on"))
      return
    }
    let store = store
    Task {
      do {
        try store.backup(to: file)
        reply(OperatorReply(isDone: true, text: "\(file) written"))
      } catch {
        reply(OperatorReply(isDone: false, text: "\(error)"))
      }
    }
  }

  // MARK: Lists

  func allow(_ request: OperatorRequest, _ reason: String, actor: String) -> OperatorReply {
    let now = clock.now
    let network = request.network.flatMap { AddressRange($0) }
    if let text = request.network, network == nil {
      return OperatorReply(
        isDone: false,
        text: "'\(text)' is no address or network; write 192.0.2.0/24 or 2001:db8::/48")
    }
    let entry = ListReport.Entry(
      kind: .allow, subject: request.subject ?? "", policy: request.policy,
      network: network, volume: request.volume, from: now,
      until: now + (request.duration ?? TimeSpan(seconds: 30 * 86_400)), reason: reason,
      actor: actor)
    let isKnown = engine.knows(entry.subject)
    if let problem = feed(.allow(entry, at: now)) {
      return OperatorReply(isDone: false, text: problem)
    }
    return reply(
      .lists(ListReport(entries: engine.listReport.entries.suffix(1))),
      isKnown ? "" : Self.unknownRemark)
  }

  func disallow(_ request: OperatorRequest, _ reason: String, actor: String) -> OperatorReply {
    let before = engine.listReport.entries
    let problem = feed(
      .disallow(subject: request.subject ?? "", reason: reason, actor: actor, at: clock.now))
    if let problem { return OperatorReply(isDone: false, text: problem) }
    let gone = before.count - engine.listReport.entries.count
    return ordered(
      request, nil, remarks: ["\(NumberText.counted(gone, "entry", "entries")) taken back"])
  }

  // MARK: An account

  func explain(_ request: OperatorRequest) -> OperatorReply {
    guard let name = request.subject, var explanation = engine.explanation(of: name) else {
      return OperatorReply(
        isDone: false,
        text:
          "\(request.subject ?? ""): no login or website of this name is known; write a website as uid:5012"
      )
    }
    explanation.decidesFrom = decidesFrom
    return reply(.explanation(explanation))
  }

  /// Deletes what is known of an account whose cases are over, and says where else it stands.
  func forget(_ request: OperatorRequest, _ reason: String, actor: String) -> OperatorReply {
    let name = Engine.canonical(request.subject ?? "")
    // What is decided and not written yet would be written after it.
    commit()
    guard unwritten.isEmpty, finished.isEmpty else {
      return OperatorReply(
        isDone: false, text: "the ledger takes nothing now: see 'sperrwerk status', and try again")
    }
    // With its order what must still be opened would be forgotten as well.
    let pending = (try? store.pendingOrders()) ?? []
    if let order = pending.first(where: { $0.subject == name && !$0.kind.isNotice }) {
      return OperatorReply(
        isDone: false,
        text: "the order to \(order.kind.rawValue) \(name) is not carried out yet: see "
          + "'sperrwerk case \(order.caseNumber)', and try again when it is done")
    }
    let problem = feed(.forget(subject: name, reason: reason, actor: actor, at: clock.now))
    if let problem { return OperatorReply(isDone: false, text: problem) }
    do {
      let steps = try store.forget(name)
      let remains = DryRunRemains(state: settings["state"])
      let hadRemains = !isDry && remains.delete()
      return OperatorReply(
        isDone: true,
        text:
          "\(steps) steps of \(name) are deleted"
          + (hadRemains ? ", and all that the dry run had kept" : "")
          + ". What this service does not delete: its lines in "
          + (sources.map { "\($0.path)*" } + [settings.path("accounts")].compactMap { $0 })
          .joined(separator: ", ")
          + ", in the service's own log, in lists, in backups and in recordings")
    } catch {
      return OperatorReply(isDone: false, text: "\(error)")
    }
  }
}
