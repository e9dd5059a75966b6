import Events

/// Our policy service, as main.cf and master.cf may name it.
struct OwnPolicyService: Sendable {
  /// The last two parts of the socket's path, `sperrwerk/policy`: below the queue folder it is named so, and others
  /// too call theirs `policy`.
  private let socket: [Substring]?
  private let address: ListenAddress?

  init(socket: String?, address: String?) {
    self.socket = socket.map { Array($0.split(separator: "/").suffix(2)) }
    self.address = address.flatMap { ListenAddress($0) }
  }

  init(_ settings: LiveSettings) {
    self.init(
      socket: settings.path("policy_service.socket"),
      address: settings.path("policy_service.address"))
  }

  /// - Parameter text: `unix:sperrwerk/policy`, `inet:127.0.0.1:10031`, `inet:localhost:10031`.
  func isMeant(by text: String) -> Bool {
    if text.hasPrefix("unix:") {
      return socket.map { text.dropFirst(5).split(separator: "/").suffix($0.count) == $0[...] }
        ?? false
    }
    guard let address, let named = Self.place(text), named.port == address.port else {
      return false
    }
    return named.host == address.host || Self.answers(address.host, named.host)
  }

  /// `inet:HOST:PORT`, or `inet:PORT` for this machine.
  static func place(_ text: String) -> ListenAddress? {
    guard text.hasPrefix("inet:") else { return nil }
    let rest = text.dropFirst("inet:".count)
    return ListenAddress(rest.contains(":") ? String(rest) : "localhost:\(rest)")
  }

  /// Whether who listens at one host is reached by another name or address of it.
  private static func answers(_ host: String, _ named: String) -> Bool {
    guard let own = NetworkAddress(host) else { return isLoopback(named) }
    guard let other = NetworkAddress(named) else { return own.isLoopback || isEverywhere(own) }
    return own == other || (isEverywhere(own) && other.isLoopback)
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || NetworkAddress(host)?.isLoopback == true
  }

  /// 0.0.0.0 or ::.
  private static func isEverywhere(_ address: NetworkAddress) -> Bool {
    address.isV4 ? address.low & 0xffff_ffff == 0 : address.high == 0 && address.low == 0
  }

  /// What main.cf or master.cf must ask.
  var question: String {
    let place =
      socket.map { "unix:" + $0.joined(separator: "/") }
      ?? address.map { "inet:\($0.host.contains(":") ? "[\($0.host)]" : $0.host):\($0.port)" } ?? ""
    return "check_policy_service { \(place), timeout=5s, default_action=DUNNO }"
  }
}
