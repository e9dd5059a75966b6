import Glibc

/// What the system says of a call that has failed: `no space left on device`.
package struct SystemFault: Error {
  /// As in `errno`.
  package let code: CInt

  package var text: String { unsafe String(cString: strerror(code)).lowercased() }

  package init(_ code: CInt = errno) { self.code = code }
}
