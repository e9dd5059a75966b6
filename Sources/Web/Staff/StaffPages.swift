import Events
import HTTPTypes
import Hummingbird

/// The staff's pages: who is stopped and why, and buttons for what the commands do.
struct StaffPages: Sendable {
  let desk: StaffDesk
  let door: StaffDoor
  let pages: Pages
  let times: ShownTime
  let clock: WebClock
  let livePace: Duration

  /// - Parameter router: behind the door.
  func add(to router: RouterGroup<WebContext>) {
    let live = LiveUpdates(desk: desk, interval: livePace)
    router.get("/staff") { request, context in try await overview(request, context) }
    router.get("/staff/case/:number") { request, context in try await one(request, context) }
    router.post("/staff/do") { request, context in try await order(request, context) }
    router.get("/staff/live") { request, _ in
      try await live.response { door.session(request) != nil }
    }
  }

  private func overview(_ request: Request, _ context: WebContext) async throws -> Response {
    guard case .status(let status) = try await ask(OperatorRequest(.status), context).data,
      case .cases(let cases) = try await ask(OperatorRequest(.cases), context).data,
      case .day(let day) = try await ask(OperatorRequest(.day), context).data
    else { throw HTTPError(.serviceUnavailable) }
    let page = OverviewPage(
      frame: frame("Sperrwerk", request, context, reloads: true), status: status, cases: cases,
      day: day, times: times, now: clock.now())
    return pages.page("overview", page)
  }

  private func one(_ request: Request, _ context: WebContext) async throws -> Response {
    guard let number = context.parameters.get("number").flatMap({ Int($0) }),
      case .case(let detail) = try await ask(OperatorRequest(.case, number: number), context).data
    else { throw HTTPError(.notFound) }
    let queue = try await ask(
      OperatorRequest(.queueList, subject: detail.summary.subject), context)
    let page = CasePage(
      frame: frame("#\(number) \(Shown.text(detail.summary.subject, limit: 60))", request, context),
      detail: detail, queue: queue, times: times, now: clock.now())
    return pages.page("case", page)
  }

  /// What may be ordered here; the page shows a button for each where it makes sense.
  private static let orders: [OperatorRequest.Command] = [
    .suspend, .hold, .restore, .dismiss, .waive, .pause, .resume, .queueRelease, .queueDelete,
    .queueKeep,
  ]

  private func order(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = try await FormBody(request)
    guard let session = context.session, Origin.isOurs(request),
      ConstantTime.equal(body["check"], session.check)
    else { throw HTTPError(.forbidden) }
    guard let command = Self.orders.first(where: { $0.rawValue == body["command"] }) else {
      throw HTTPError(.badRequest)
    }
    let reason = body["reason"].filter { !$0.isNewline }
    let message: StaffMessage
    if reason.allSatisfy(\.isWhitespace) {
      message = StaffMessage(isDone: false, text: "Nothing was done: give a reason.")
    } else {
      let subject = body["subject"].isEmpty ? nil : body["subject"]
      let reply = try await ask(
        OperatorRequest(command, subject: subject, reason: String(reason.prefix(500))), context)
      message = StaffMessage(isDone: reply.isDone, text: Shown.text(reply.text, limit: 500))
    }
    if let id = door.id(request) { door.sessions.leave(message, for: id) }
    return StaffDoor.go(Self.back(body["back"]))
  }

  /// Back to where the order came from: a page of ours and no other.
  private static func back(_ text: String) -> String {
    guard text.hasPrefix("/staff/case/"), let number = Int(text.dropFirst(12)) else {
      return "/staff"
    }
    return "/staff/case/\(number)"
  }

  private func frame(
    _ title: String, _ request: Request, _ context: WebContext, reloads: Bool = false
  ) -> StaffFrame {
    StaffFrame(
      title: title, user: context.session?.name ?? "", check: context.session?.check ?? "",
      message: door.id(request).flatMap { door.sessions.takeMessage($0) }, reloads: reloads)
  }

  private func ask(_ request: OperatorRequest, _ context: WebContext) async throws -> OperatorReply
  {
    do {
      return try await desk.ask(request, "staff \(context.session?.name ?? "")")
    } catch {
      throw HTTPError(.serviceUnavailable, headers: [.retryAfter: "30"])
    }
  }
}

/// What all of the staff's pages have around them.
struct StaffFrame {
  let title, user, check: String
  let message: StaffMessage?
  let reloads: Bool
  let style = Asset.stylePath
  let script = Asset.scriptPath
}

/// A form that orders something: a reason, and a button for each thing that can be ordered.
struct StaffAction {
  struct Button {
    let command, label: String
    var isMain = false

    init(_ command: OperatorRequest.Command, _ label: String, isMain: Bool = false) {
      (self.command, self.label, self.isMain) = (command.rawValue, label, isMain)
    }
  }

  let id: String
  /// Of the part that holds it, where that is folded.
  var title = ""
  let check, back: String
  var subject: String?
  var asksSubject = false
  let buttons: [Button]
}
