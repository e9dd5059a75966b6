package import Crypto
import Glibc
package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
package import NIOPosix

/// The pages put together: for each place where the service listens, an application.
package struct WebSite: Sendable {
  package typealias App = Application<RouterResponder<WebContext>>

  package var settings: WebSettings
  let pages: Pages
  let clock: WebClock
  let formKey: SymmetricKey
  let formDesk: FormDesk
  let staffDesk: StaffDesk
  /// Tests ask more often than people do.
  package var formBuckets = TokenBuckets(burst: 40, perSecond: 0.5)
  /// Of all visitors together: far more than mistype a link, far fewer than a token takes.
  package var guessBucket = Buckets<Int>(burst: 200, perSecond: 5, capacity: 2)
  package var staffBuckets = TokenBuckets(burst: 120, perSecond: 4)
  package var loginLimits = LoginLimits()
  /// Takes what the operator must know.
  package var complain: @Sendable (String) -> Void = { _ in }
  package var steady = SteadyAnswer()
  package var limits = RequestLimits()
  /// How often open pages of the staff look whether something has changed.
  package var livePace = Duration.seconds(2)

  package init(
    _ settings: WebSettings, formKey: SymmetricKey, formDesk: FormDesk, staffDesk: StaffDesk,
    clock: WebClock
  ) throws(WebError) {
    (self.settings, self.formKey, self.clock) = (settings, formKey, clock)
    (self.formDesk, self.staffDesk) = (formDesk, staffDesk)
    pages = try Pages(settings.house)
  }

  /// - Parameters:
  ///   - group: threads of the pages' own, so that no visitor takes the policy service's.
  ///   - onServing: called when the place is open.
  package func application(
    _ place: WebSettings.Place, group: MultiThreadedEventLoopGroup,
    onServing: @escaping @Sendable () -> Void = {}
  ) throws(WebError) -> App {
    var server = HTTPServerBuilder.http1(configuration: channel(place))
    if settings.usesTLS(place), let certificate = settings.certificate {
      let configuration = try certificate.configuration()
      do { server = try .tls(server, tlsConfiguration: configuration) } catch {
        throw WebError(
          place: "web.tls_certificate", problem: "\(error)",
          remedy: "look at the certificate and its key")
      }
    }
    // A visitor's address and the form's token stand in no log.
    let silent = Logger(label: "web") { _ in SwiftLogNoOpLogHandler() }
    return App(
      responder: router(place).buildResponder(), server: server,
      configuration: ApplicationConfiguration(
        address: place.address,
        availableConnectionsDelegate: MaximumAvailableConnections(512, logger: silent)),
      onServerRunning: { _ in
        if place.port == nil { open(place.host) }
        onServing()
      },
      eventLoopGroupProvider: .shared(group), logger: silent)
  }

  /// A proxy of the group may open it; nobody else, since its X-Forwarded-For is believed.
  private func open(_ socket: String) {
    // In a folder that hands its group on (setgid), it has that already, and this changes nothing.
    if let group = settings.socketGroup, unsafe chown(socket, uid_t.max, group) != 0 {
      complain(
        "\(socket) cannot be given to group \(group) of web.socket_group; put it into a folder of that group, "
          + "mode 2750, as /run/sperrwerk-web is")
    }
    _ = unsafe chmod(socket, 0o660)
  }

  private func channel(_ place: WebSettings.Place) -> HTTP1Channel.Configuration {
    let welcome = settings.isForProxies(place) ? settings.proxies : nil
    let connections = ConnectionCount(limits, exempt: settings.proxies)
    let limits = limits
    return HTTP1Channel.Configuration(
      additionalChannelHandlers: [RequestGuard(limits, connections, welcome: welcome)],
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64))
  }

  private func router(_ place: WebSettings.Place) -> Router<WebContext> {
    let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
    let isSecure = settings.isSecure(place)
    router.add(middleware: SecurityHeaders(isSecure: isSecure, pages: pages))
    router.add(middleware: ClientAddressMiddleware(rule: ClientAddress(proxies: settings.proxies)))
    router.add(
      middleware: RateLimits(
        form: place == settings.form ? RateLimit(formBuckets, clock: clock) : nil,
        staff: place == settings.staff ? RateLimit(staffBuckets, clock: clock) : nil))
    Asset.add(to: router)
    let times = ShownTime(zone: settings.zone)
    if place == settings.form {
      FormPages(
        key: formKey, desk: formDesk, pages: pages, times: times, clock: clock, steady: steady,
        guesses: FailureLimit(guessBucket, clock: clock)
      ).add(to: router.group())
    }
    if place == settings.staff {
      let door = StaffDoor(
        sessions: StaffSessions(), passwords: PasswordTest(file: settings.staffUsers),
        logins: LoginWatch(loginLimits, clock: clock, complain: complain), pages: pages,
        clock: clock, isSecure: isSecure)
      door.add(to: router.group())
      StaffPages(
        desk: staffDesk, door: door, pages: pages, times: times, clock: clock, livePace: livePace
      )
      .add(to: router.group().add(middleware: door))
    }
    return router
  }
}
