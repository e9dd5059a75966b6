import Crypto
import Events
import HTTPTypes
import Hummingbird

/// Lets staff in: the login, the session's cookie, and who has none is sent to the login.
struct StaffDoor: RouterMiddleware {
  typealias Context = WebContext
  let sessions: StaffSessions
  let passwords: PasswordTest
  let logins: LoginWatch
  let pages: Pages
  let clock: WebClock
  let isSecure: Bool
  /// Signs the login form's hidden field.
  let key = SymmetricKey(size: .bits256)

  /// With TLS a name that no other host of the domain can set. Source: RFC 6265bis, 4.1.3.2.
  private var cookieName: String { isSecure ? "__Host-sperrwerk" : "sperrwerk" }

  @concurrent func handle(
    _ request: Request, context: WebContext,
    next: @concurrent (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    guard let session = session(request) else {
      if request.method == .get, request.headers[values: .accept].joined().contains("text/html") {
        return Self.go("/staff/login")
      }
      throw HTTPError(.unauthorized)
    }
    var context = context
    context.session = session
    return try await next(request, context)
  }

  func id(_ request: Request) -> String? { request.cookies[cookieName]?.value }

  func session(_ request: Request) -> StaffSession? {
    guard let id = id(request), id.utf8.count < 100 else { return nil }
    // A page that looks for news, or loads itself anew, says nothing of somebody sitting before it.
    let isAsking =
      request.uri.path != "/staff/live" && request.uri.queryParameters["by"] != "itself"
    guard let session = sessions.find(id, at: clock.unstepped(), isAsking: isAsking) else {
      return nil
    }
    if passwords.hasStruck(session) {
      sessions.end(id)
      return nil
    }
    return session
  }

  func add(to router: RouterGroup<WebContext>) {
    router.get("/staff/login") { request, _ in show(request, nil) }
    router.post("/staff/login") { request, context in try await enter(request, context) }
    router.post("/staff/logout") { request, _ in try await leave(request) }
  }

  private func show(
    _ request: Request, _ problem: String?, status: HTTPResponse.Status = .ok
  ) -> Response {
    // Bound to a cookie, so that nobody is signed in by another page under a name that is not his.
    let nonce = nonce(request) ?? StaffSessions.random()
    var response = pages.page(
      "login",
      LoginPage(
        house: pages.house, problem: problem,
        check: FormCheck.text(for: nonce, key: key, at: clock.now())), status: status)
    response.setCookie(cookie("sperrwerk-login", nonce, path: "/staff/login"))
    return response
  }

  /// Anybody may send any cookie: only what we could have set is one.
  private func nonce(_ request: Request) -> String? {
    request.cookies["sperrwerk-login"].map(\.value).flatMap { value in
      value.utf8.count == 43
        && value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        ? value : nil
    }
  }

  private func enter(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = try await FormBody(request)
    guard let nonce = nonce(request), Origin.isOurs(request),
      FormCheck.isValid(body["check"], for: nonce, key: key, at: clock.now())
    else { return show(request, "The form was out of date. Please try again.", status: .forbidden) }
    let attempt = LoginLimits.Try(
      name: String(body["name"].prefix(64)), address: context.client,
      isKnown: isKnown(request, body["name"]))
    guard logins.take(attempt) else {
      return show(
        request, "Too many tries. Please wait a minute.", status: .tooManyRequests)
    }
    let verdict = await passwords.verdict(
      body["name"], body["password"], isKnown: attempt.isKnown)
    if verdict != .wrong { logins.giveBack(attempt) }
    switch verdict {
    case .busy:
      return show(
        request, "Too many sign in at once. Please try again.", status: .serviceUnavailable)
    case .faulty:
      // Strangers read this, too: what is wrong stands in an alert.
      return show(
        request, "Nobody can sign in at the moment; whoever runs this server has been told why.",
        status: .serviceUnavailable)
    case .right:
      if let hash = passwords.hash(of: body["name"]) { return begin(request, attempt.name, hash) }
    case .wrong:
      logins.failed(attempt, isSomebody: passwords.hash(of: attempt.name) != nil)
    }
    return show(request, "Name or password is wrong.", status: .forbidden)
  }

  private func begin(_ request: Request, _ name: String, _ hash: String) -> Response {
    if let old = id(request) { sessions.end(old) }
    var response = Self.go("/staff")
    response.setCookie(
      cookie(cookieName, sessions.begin(name, hash: hash, at: clock.unstepped()), path: "/"))
    response.setCookie(
      cookie(
        Self.knownName, FormCheck.text(for: "known/\(name)", key: key, at: clock.now()),
        path: "/staff/login", life: 86_400))
    return response
  }

  private static let knownName = "sperrwerk-known"

  /// Whether this browser has signed in under the name within a day; nobody else can have what says so.
  private func isKnown(_ request: Request, _ name: String) -> Bool {
    guard let proof = request.cookies[Self.knownName]?.value else { return false }
    return FormCheck.isValid(proof, for: "known/\(name)", key: key, at: clock.now())
  }

  private func leave(_ request: Request) async throws -> Response {
    guard let session = session(request), let id = id(request) else {
      return Self.go("/staff/login")
    }
    let body = try await FormBody(request)
    guard ConstantTime.equal(body["check"], session.check) else { throw HTTPError(.forbidden) }
    sessions.end(id)
    var response = Self.go("/staff/login")
    response.setCookie(
      Cookie(
        name: cookieName, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true,
        sameSite: .strict))
    return response
  }

  /// - Parameter life: in seconds; nil is as long as the browser is open.
  private func cookie(_ name: String, _ value: String, path: String, life: Int? = nil) -> Cookie {
    Cookie(
      name: name, value: value, maxAge: life, path: path, secure: isSecure, httpOnly: true,
      sameSite: .strict)
  }

  static func go(_ path: String) -> Response {
    Response(status: .seeOther, headers: [.location: path])
  }
}

struct LoginPage {
  let house: Pages.House
  let problem: String?
  let check: String
  let style = Asset.stylePath
}
