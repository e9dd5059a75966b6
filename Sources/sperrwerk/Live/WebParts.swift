import Events
import Foundation
import Glibc
import Synchronization
import Web

/// The contact form and the staff's page, as the settings want them.
struct WebParts {
  let settings: LiveSettings
  let mailbox: Mailbox

  /// Nil where neither is wanted.
  /// - Throws: where a setting is wrong.
  func service() throws(WebError) -> WebService? {
    let pages = try Self.pages(settings)
    if pages.places.isEmpty { return nil }
    try pages.check()
    let desk = LoopDesk(mailbox: mailbox)
    return WebService(
      pages, complain: { Alerts.raise($0) },
      site: { () throws(WebError) in
        var site = try WebSite(
          pages, formKey: try FormKey.load(settings.formKey), formDesk: desk.form,
          staffDesk: StaffDesk { request, actor throws(WebError) in
            try await desk.ask(request, actor: actor)
          },
          clock: WebClock(now: { MachineClock.wall }, unstepped: { MachineClock.unstepped }))
        site.complain = { Alerts.raise($0) }
        return site
      })
  }

  /// What the settings say of the pages.
  static func pages(_ settings: LiveSettings) throws(WebError) -> WebSettings {
    var pages = WebSettings()
    pages.form = try place("web.listen", settings)
    // Without users there is nobody to let in.
    pages.staff =
      settings.path("web.staff_users") == nil ? nil : try place("web.staff_listen", settings)
    pages.formURL = settings["web.url"]
    pages.staffURL = settings["web.staff_url"]
    pages.staffUsers = settings["web.staff_users"]
    pages.house = Pages.House(name: settings["web.name"], help: settings.path("web.help"))
    if let chain = settings.path("web.tls_certificate") {
      guard let key = settings.path("web.tls_key") else {
        throw WebError(
          place: "web.tls_key", problem: "web.tls_certificate has no key",
          remedy: "name the file of its key (PEM)")
      }
      pages.certificate = Certificate(chain: chain, key: key)
    }
    pages.proxies = settings.networks("web.proxies")
    if let name = settings.path("web.socket_group") {
      guard let group = unsafe getgrnam(name) else {
        throw WebError(
          place: "web.socket_group", problem: "there is no group '\(name)'",
          remedy: "name the proxy's group, such as www-data")
      }
      pages.socketGroup = unsafe group.pointee.gr_gid
    }
    if let name = settings.path("web.zone") {
      guard let zone = TimeZone(identifier: name) else {
        throw WebError(
          place: "web.zone", problem: "there is no time zone '\(name)'",
          remedy: "write a name such as Europe/Berlin")
      }
      pages.zone = zone
    }
    return pages
  }

  private static func place(_ setting: String, _ settings: LiveSettings) throws(WebError)
    -> WebSettings.Place?
  {
    guard let text = settings.path(setting) else { return nil }
    return try WebSettings.Place(text, setting: setting)
  }
}

extension LiveSettings {
  /// The file of the key that signs the links of notices.
  var formKey: String { self["state"] + "/form.key" }
}

/// Takes the pages' questions to the loop, and waits no longer than a visitor would.
final class LoopDesk: Sendable {
  private let mailbox: Mailbox
  private let limit: Duration
  private let waiting = Atomic<Int>(0)
  /// Questions at once: a flood of visitors must not fill the loop's mailbox.
  private static let most = 64

  init(mailbox: Mailbox, limit: Duration = .seconds(5)) {
    (self.mailbox, self.limit) = (mailbox, limit)
  }

  func ask(_ request: OperatorRequest, actor: String) async throws(WebError) -> OperatorReply {
    defer { waiting.subtract(1, ordering: .relaxed) }
    guard waiting.add(1, ordering: .relaxed).newValue <= Self.most else { throw Self.busy }
    let reply = await withCheckedContinuation { done in
      let answer = FirstAnswer(done)
      mailbox.send(.command(request, actor: actor, reply: { answer.give($0) }))
      answer.give(nil, after: limit)
    }
    guard let reply else { throw Self.busy }
    return reply
  }

  private static let busy = WebError(
    place: "the pages", problem: "the service does not answer in time",
    remedy: "see 'sperrwerk status'")

  var form: FormDesk {
    FormDesk(
      look: { token throws(WebError) in
        let reply = try await self.ask(OperatorRequest(.incident, of: token), actor: "form")
        guard case .incident(let incident) = reply.data else { return nil }
        return incident
      },
      report: { token throws(WebError) in
        _ = try await self.ask(OperatorRequest(.report, of: token), actor: "form")
      })
  }
}

extension OperatorRequest {
  fileprivate init(_ command: Command, of token: FormToken) {
    self.init(command, number: token.caseNumber)
    notice = token.notice
  }
}

/// Whichever comes first: the loop's answer, or the end of waiting.
private final class FirstAnswer: Sendable {
  private struct State {
    var done: CheckedContinuation<OperatorReply?, Never>?
    var timer: Task<Void, Never>?
  }
  private let state: Mutex<State>

  init(_ done: CheckedContinuation<OperatorReply?, Never>) { state = Mutex(State(done: done)) }

  func give(_ reply: OperatorReply?) {
    let taken = state.withLock { state in
      defer { state = State() }
      return state
    }
    taken.timer?.cancel()
    taken.done?.resume(returning: reply)
  }

  func give(_ reply: OperatorReply?, after limit: Duration) {
    let timer = Task {
      // Cancelled: the answer was first.
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      self.give(reply)
    }
    let isLate = state.withLock { state in
      if state.done != nil { state.timer = timer }
      return state.done == nil
    }
    if isLate { timer.cancel() }
  }
}
