import Foundation
import NIOCore
import NIOSSL
import Synchronization

/// A certificate chain and its key in PEM files, read again when they change: certificates live a few weeks, the
/// service longer.
package final class Certificate: Sendable {
  struct Pair {
    var chain: [NIOSSLCertificateSource]
    var key: NIOSSLPrivateKeySource
    var changed: [Date]
  }

  private let chainFile, keyFile: String
  private let pair = Mutex<Pair?>(nil)

  package init(chain: String, key: String) { (chainFile, keyFile) = (chain, key) }

  /// Why they cannot be used; nil where they can.
  package var fault: WebError? {
    do {
      _ = try current()
      return nil
    } catch { return error }
  }

  func configuration() throws(WebError) -> TLSConfiguration {
    let pair = try current()
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: pair.chain, privateKey: pair.key)
    configuration.minimumTLSVersion = .tlsv12
    configuration.sslContextCallback = { _, promise in
      var fresh = NIOSSLContextConfigurationOverride.noChanges
      if let pair = self.serving {
        fresh.certificateChain = pair.chain
        fresh.privateKey = pair.key
      }
      promise.succeed(fresh)
    }
    return configuration
  }

  /// Half a renewal: the last pair goes on until both files are well.
  var serving: Pair? { (try? current()) ?? pair.withLock { $0 } }

  private func current() throws(WebError) -> Pair {
    let changed = [chainFile, keyFile].map(Self.changed)
    if let known = pair.withLock({ $0 }), known.changed == changed { return known }
    let fresh = try read(changed)
    pair.withLock { $0 = fresh }
    return fresh
  }

  private func read(_ changed: [Date]) throws(WebError) -> Pair {
    let chain: [NIOSSLCertificate]
    do { chain = try NIOSSLCertificate.fromPEMFile(chainFile) } catch {
      throw WebError(
        place: chainFile, problem: "no certificate can be read",
        remedy: "give web.tls_certificate the chain in PEM form, readable by the service")
    }
    let key: NIOSSLPrivateKey
    do { key = try NIOSSLPrivateKey(file: keyFile, format: .pem) } catch {
      throw WebError(
        place: keyFile, problem: "no key can be read",
        remedy: "give web.tls_key the key in PEM form without a passphrase, readable by the service"
      )
    }
    let fresh = Pair(
      chain: chain.map { .certificate($0) }, key: .privateKey(key), changed: changed)
    // That the two belong together only a context tells.
    do {
      _ = try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: fresh.chain, privateKey: fresh.key))
    } catch {
      throw WebError(
        place: keyFile, problem: "is not the key of \(chainFile)",
        remedy: "name the two that belong together")
    }
    return fresh
  }

  private static func changed(_ file: String) -> Date {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    return attributes?[.modificationDate] as? Date ?? .distantPast
  }
}
