package import Crypto
import Foundation

/// The key that signs the links of notices: made once, readable by the service alone.
package enum FormKey {
  package static func load(_ file: String) throws(WebError) -> SymmetricKey {
    if !FileManager.default.fileExists(atPath: file) { make(file) }
    guard let bytes = FileManager.default.contents(atPath: file), bytes.count == 32 else {
      throw WebError(
        place: file, problem: "is no key of 32 bytes",
        remedy: "remove it, and a new one is made; links in old notices are void then")
    }
    return SymmetricKey(data: bytes)
  }

  private static func make(_ file: String) {
    let bytes = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Data($0) }
    // Nobody else may read it, not even for the moment before its mode is set.
    _ = FileManager.default.createFile(
      atPath: file + ".new", contents: nil, attributes: [.posixPermissions: 0o600])
    try? bytes.write(to: URL(fileURLWithPath: file + ".new"))
    try? FileManager.default.moveItem(atPath: file + ".new", toPath: file)
  }
}
