import Events
package import Hummingbird
import NIOCore

/// What the pages know of a request besides what it says.
package struct WebContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The other end of the connection; nil where it is a unix socket.
  let peer: NetworkAddress?
  /// Who asks, once `ClientAddress` has looked: behind a proxy that is not the peer.
  var client: NetworkAddress?
  /// The staff member's session, once `StaffDoor` has let it in.
  var session: StaffSession?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    peer = source.channel.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
  }

  package var maxUploadSize: Int { FormBody.longest }
}
