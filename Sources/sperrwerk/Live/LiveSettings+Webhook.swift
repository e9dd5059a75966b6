import Events
import Foundation

extension LiveSettings {
  /// Bytes of the key at the least: a shorter one can be guessed from one signed alert.
  static let shortestSecret = 16

  /// What keeps alerts from being posted signed; nil where all is well, or no webhook is wanted.
  var webhookFault: String? {
    guard let address = path("alerts.webhook") else { return nil }
    guard let url = URL(string: address), ["http", "https"].contains(url.scheme), url.host != nil
    else { return "alerts.webhook: is no address to post to; write one that begins with https://" }
    // The key itself is not told, and neither is its length.
    guard self["alerts.secret"].utf8.count >= Self.shortestSecret else {
      return "alerts.secret: alerts.webhook needs a key of \(Self.shortestSecret) bytes or more; "
        + "set SPERRWERK_ALERTS_SECRET to what 'openssl rand -hex 32' prints, and tell the receiver"
    }
    return nil
  }

  /// Whether alerts go over a network as they are: names of customers stand in them.
  var webhookIsOpen: Bool {
    guard let url = path("alerts.webhook").flatMap({ URL(string: $0) }), url.scheme == "http"
    else { return false }
    let host = url.host ?? ""
    return host != "localhost" && NetworkAddress(host)?.isLoopback != true
  }
}
