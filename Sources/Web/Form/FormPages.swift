import Crypto
import Events
import HTTPTypes
import Hummingbird

/// The customer's contact form, `/r/TOKEN`: what happened, how far the renewal is, and one button.
///
/// To look changes nothing, since mail scanners follow links. Without a valid token there is one answer only, and
/// another where all visitors together have guessed too often.
struct FormPages: Sendable {
  let key: SymmetricKey
  let desk: FormDesk
  let pages: Pages
  let times: ShownTime
  let clock: WebClock
  let steady: SteadyAnswer
  let guesses: FailureLimit

  func add(to router: RouterGroup<WebContext>) {
    router.get("/r/:token") { request, context in try await show(request, context) }
    router.post("/r/:token") { request, context in try await report(request, context) }
  }

  private func show(_ request: Request, _ context: WebContext) async throws -> Response {
    let text = context.parameters.get("token") ?? ""
    guard let (_, incident) = try await find(text) else { return try refusal() }
    let language = Language(
      chosen: request.uri.queryParameters["lang"].map(String.init),
      accepted: request.headers[.acceptLanguage])
    let page = FormPage(
      incident, language, house: pages.house, times: times,
      check: FormCheck.text(for: text, key: key, at: clock.now()))
    return pages.page("form", page)
  }

  private func report(_ request: Request, _ context: WebContext) async throws -> Response {
    let text = context.parameters.get("token") ?? ""
    let body = try await FormBody(request)
    guard let (token, _) = try await find(text) else { return try refusal() }
    guard FormCheck.isValid(body["check"], for: text, key: key, at: clock.now()),
      Origin.isOurs(request)
    else { throw HTTPError(.forbidden) }
    try await asking { () throws(WebError) in try await desk.report(token) }
    let language = Language(rawValue: body["lang"]).map { "?lang=\($0.rawValue)" } ?? ""
    // So that loading the page again asks nothing twice.
    return Response(status: .seeOther, headers: [.location: "/r/\(text)\(language)"])
  }

  /// What a token opens; nil, always after the same time, where it opens nothing.
  private func find(_ text: String) async throws -> (FormToken, IncidentReport)? {
    try await steady {
      guard let token = FormToken(text, key: key, at: clock.now()),
        let incident = try await asking({ () throws(WebError) in
          try await desk.look(token)
        }), !incident.members.isEmpty
      else { return nil }
      return (token, incident)
    }
  }

  private func refusal() throws -> Response {
    guard guesses.allows() else { return RateLimits.refusal }
    throw HTTPError(.notFound)
  }

  /// The loop does not answer in time: that is nobody's fault who asks.
  private func asking<Value>(_ body: () async throws(WebError) -> Value) async throws -> Value {
    do { return try await body() } catch {
      throw HTTPError(.serviceUnavailable, headers: [.retryAfter: "30"])
    }
  }
}

/// Where a post comes from, as far as the browser says.
enum Origin {
  /// `Origin` itself is `null` under our referrer policy, also from our own page. Source: Fetch, "append a request
  /// `Origin` header".
  static func isOurs(_ request: Request) -> Bool {
    guard let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] else {
      return true
    }
    return site == "same-origin" || site == "none"
  }
}
