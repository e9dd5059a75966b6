package import Crypto
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
    let fresh = file + ".new"
    // Half of one, from a try that was cut off.
    _ = unsafe unlink(fresh)
    // Nobody else may read it, not even for a moment.
    let descriptor = unsafe open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw fault(file) }
    let count = unsafe SymmetricKey(size: .bits256).withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress, $0.count)
    }
    let isKept = count == 32 && fsync(descriptor) == 0
    // What close says is of a network's file system.
    guard close(descriptor) == 0, isKept, unsafe rename(fresh, file) == 0 else {
      let error = fault(file)
      _ = unsafe unlink(fresh)
      throw error
    }
    let folder = (file as NSString).deletingLastPathComponent
    let handle = unsafe open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
  }

  private static func fault(_ file: String) -> WebError {
    let why = unsafe String(cString: strerror(errno)).lowercased()
    return WebError(
      place: file, problem: "cannot be made: \(why)",
      remedy: "see that its folder may be written and has room")
  }
}
