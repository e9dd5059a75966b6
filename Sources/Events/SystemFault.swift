import Glibc

/// What the system says of a call that has failed: `no space left on device`.
package struct SystemFault: Error {
  package let text: String

  /// - Parameter code: as in `errno`.
  package init(_ code: CInt = errno) {
    text = unsafe String(cString: strerror(code)).lowercased()
  }
}
