package import Crypto
package import Events
import Foundation

/// What a notice's link carries: that its bearer may report the renewal of a case's passwords, until a time.
///
/// Nothing is kept of it: the signature proves it. The notice tells whom it was sent to, so that it opens nothing
/// any more when the thief is found in that mailbox. Shape: `CASE.NOTICE.EXPIRY.SIGNATURE`, numbers in base 36
/// and the HMAC-SHA256 of the three in base64url.
package struct FormToken: Equatable, Sendable {
  package let caseNumber: Int
  /// Its number in the ledger.
  package let notice: Int64
  package let expiry: Instant

  package init(caseNumber: Int, notice: Int64, expiry: Instant) {
    (self.caseNumber, self.notice) = (caseNumber, notice)
    // The link says whole seconds.
    self.expiry = Instant(seconds: expiry.seconds)
  }

  /// - Returns: nil where the signature is not ours, or its time is over.
  package init?(_ text: String, key: SymmetricKey, at now: Instant) {
    let parts =
      text.utf8.count > 200 ? [] : text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, let number = Int(parts[0], radix: 36),
      let notice = Int64(parts[1], radix: 36), let seconds = Int64(parts[2], radix: 36),
      let code = Self.decode(parts[3]),
      // Compares in constant time.
      HMAC<SHA256>.isValidAuthenticationCode(
        code, authenticating: Data(parts.dropLast().joined(separator: ".").utf8), using: key)
    else { return nil }
    self.init(caseNumber: number, notice: notice, expiry: Instant(seconds: seconds))
    if now >= expiry { return nil }
  }

  package func text(key: SymmetricKey) -> String {
    let claim = [Int64(caseNumber), notice, expiry.seconds].map { String($0, radix: 36) }
      .joined(separator: ".")
    let code = HMAC<SHA256>.authenticationCode(for: Data(claim.utf8), using: key)
    return "\(claim).\(Self.encode(Data(code)))"
  }

  private static func encode(_ data: Data) -> String {
    data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  private static func decode(_ text: Substring) -> Data? {
    let plain = text.replacing("-", with: "+").replacing("_", with: "/")
    return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
  }
}
