import HTTPTypes
import Hummingbird

/// What every answer says to the browser, and how every refusal looks.
struct SecurityHeaders: RouterMiddleware {
  typealias Context = WebContext
  /// The connection is TLS, to us or to the proxy.
  let isSecure: Bool
  let pages: Pages

  @concurrent func handle(
    _ request: Request, context: WebContext,
    next: @concurrent (Request, WebContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as HTTPError {
      response = pages.refusal(error.status, request)
      response.headers.append(contentsOf: error.headers)
    }
    // A script of the page's own server and nothing else: what slipped through the escaping would not run.
    response.headers[.contentSecurityPolicy] =
      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
      + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    response.headers[.xContentTypeOptions] = "nosniff"
    for (name, value) in Self.fields { response.headers[name] = value }
    // A page that looks by itself whether sending is open again goes on after a refusal. The staff's pages do not:
    // that would keep somebody signed in who is not there.
    if let pause = response.headers[.retryAfter], !request.uri.path.hasPrefix("/staff") {
      response.headers[.refresh] = pause
    }
    if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    return response
  }

  private static let fields: [(HTTPField.Name, String)] = [
    // The address of the form holds its token.
    ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
    ("X-Robots-Tag", "noindex, nofollow, noarchive"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
  ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

extension HTTPField.Name {
  /// Works for every kind of document. Source: HTML, "shared declarative refresh steps".
  fileprivate static let refresh = Self("Refresh")!
}
