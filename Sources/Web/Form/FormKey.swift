package import Crypto
import Events
import Foundation
import Glibc
import Synchronization

/// The key that signs the links of notices: made once, readable by the service alone.
package enum FormKey {
  /// The notices and the pages both load it, and only one may make it.
  private static let making = Mutex(())

  package static func load(_ file: String) throws(WebError) -> SymmetricKey {
    try making.withLock { _ throws(WebError) in
      if unsafe access(file, F_OK) != 0, errno == ENOENT { try make(file) }
      guard let bytes = FileManager.default.contents(atPath: file) else {
        throw WebError(
          place: file, problem: "cannot be read",
          remedy: "let the service's user read it, and nobody else")
      }
      guard bytes.count == 32 else {
        throw WebError(
          place: file, problem: "is no key of 32 bytes",
          remedy: "remove it, and a new one is made; links in old notices are void then")
      }
      return SymmetricKey(data: bytes)
    }
  }

  /// Why it cannot be used; nil where it can, and where it is still to be made.
  package static func problem(_ file: String) -> WebError? {
    guard unsafe access(file, F_OK) == 0 else { return nil }
    do {
      _ = try load(file)
      return nil
    } catch { return error }
  }

  /// There is a whole key or none, also after a power cut.
  private static func make(_ file: String) throws(WebError) {
    let key = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Array($0) }
    do throws(SystemFault) { try SafeFile.replace(file, with: key, mode: 0o600) } catch {
      throw WebError(
        place: file, problem: "cannot be made: \(error.text)",
        remedy: "see that its folder may be written and has room")
    }
  }
}
