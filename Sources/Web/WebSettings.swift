package import Events
package import Foundation
import Hummingbird

/// What the pages take of the settings, checked.
package struct WebSettings: Sendable {
  /// Where a server listens: `127.0.0.1:8025`, `[::1]:8025`, or a unix socket's path.
  package struct Place: Equatable, Sendable {
    package let text: String
    package let host: String
    /// 0 takes any; nil is a unix socket.
    package let port: Int?

    /// - Parameter setting: its name, for the error.
    package init(_ text: String, setting: String) throws(WebError) {
      self.text = text
      if text.hasPrefix("/") {
        (host, port) = (text, nil)
        return
      }
      guard let address = ListenAddress(text) else {
        throw WebError(
          place: setting, problem: "'\(text)' is no address to listen on",
          remedy:
            "write ADDRESS:PORT, such as 127.0.0.1:8025 or [::1]:8025, or the path of a socket")
      }
      (host, port) = (address.host, Int(address.port))
    }

    /// Nobody but this machine reaches it.
    var isLocal: Bool {
      port == nil || host == "localhost" || NetworkAddress(host)?.isLoopback == true
    }

    var address: BindAddress {
      port.map { .hostname(host, port: $0) } ?? .unixDomainSocket(path: host)
    }
  }

  /// Nil: no form.
  package var form: Place?
  /// Nil: no staff page.
  package var staff: Place?
  /// As browsers reach the form and the staff page.
  package var formURL = ""
  package var staffURL = ""
  package var certificate: Certificate?
  package var proxies: [AddressRange] = []
  /// Whose members may open the pages' unix sockets; nil: the group that they are made with.
  package var socketGroup: UInt32?
  package var staffUsers = ""
  package var house = Pages.House(name: "")
  package var zone = TimeZone.current

  package init() {}

  /// What a browser's connection is, to us or to the proxy before us.
  func isSecure(_ place: Place) -> Bool {
    usesTLS(place) || (place == form ? formURL : staffURL).hasPrefix("https://")
  }

  /// A local place of the staff's own is for tunnels and proxies, to whom the certificate's name says nothing.
  func usesTLS(_ place: Place) -> Bool { certificate != nil && (place == form || !place.isLocal) }

  /// Open to a network without TLS: only the named proxies may connect there.
  func isForProxies(_ place: Place) -> Bool { !place.isLocal && !usesTLS(place) }

  package var places: [Place] { [form, staff == form ? nil : staff].compactMap { $0 } }

  /// - Throws: where passwords or links would go in the clear over a network. Files are looked at later: one that is not
  ///   well keeps the pages away, and not the service.
  package func check() throws(WebError) {
    for (place, setting) in [(form, "web.listen"), (staff, "web.staff_listen")] {
      guard let place, isForProxies(place), proxies.isEmpty else { continue }
      throw WebError(
        place: setting, problem: "\(place.text) is open to the network, without TLS",
        remedy:
          "listen on 127.0.0.1, set web.tls_certificate and web.tls_key, or name the proxy in web.proxies"
      )
    }
  }

  /// What is wrong with the files that the settings name, each with its subject; nil where it is well.
  package var fileFaults: [(subject: String, fault: WebError?)] {
    var faults: [(String, WebError?)] = []
    if let certificate { faults.append(("web.tls_certificate", certificate.fault)) }
    if staff != nil { faults.append(("web.staff_users", StaffUsers.fault(staffUsers))) }
    return faults
  }
}
