import CLibraries.Crypt
import Glibc

/// The system's password hashes, crypt(3).
enum PasswordHash {
  /// What a phrase gives under a setting, or under a hash, which begins with its setting.
  /// - Returns: nil where libcrypt cannot do it, and for a phrase with a zero byte, which C would cut.
  static func of(_ phrase: String, setting: String) -> String? {
    if phrase.utf8.contains(0) || setting.utf8.contains(0) { return nil }
    // 32 KiB, of which the phrase is a part afterwards.
    let size = MemoryLayout<crypt_data>.size
    let data = UnsafeMutableRawPointer.allocate(
      byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
    defer {
      unsafe explicit_bzero(data, size)
      unsafe data.deallocate()
    }
    unsafe data.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    guard let result = unsafe crypt_rn(phrase, setting, data, Int32(size)) else { return nil }
    return unsafe String(cString: result)
  }

  /// Whether libcrypt takes a hash for one that still protects. Source: crypt_checksalt(3).
  static func isStrong(_ hash: String) -> Bool {
    unsafe crypt_checksalt(hash) == CRYPT_SALT_OK
  }
}
