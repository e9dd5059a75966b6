package import Crypto
package import Events
import Foundation

/// What a notice's link carries: that its bearer may report the renewal of a case's passwords, until a time.
///
/// Nothing is kept of it: the signature proves it. Shape: `CASE.EXPIRY.SIGNATURE`, numbers in base 36 and the
/// HMAC-SHA256 of both in base64url.
package struct FormToken: Equatable, Sendable {
  package let caseNumber: Int
  package let expiry: Instant

  package init(caseNumber: Int, expiry: Instant) {
    self.caseNumber = caseNumber
    // The link says whole seconds.
    self.expiry = Instant(seconds: expiry.seconds)
  }

  /// - Returns: nil where the signature is not ours, or its time is over.
  package init?(_ text: String, key: SymmetricKey, at now: Instant) {
    let parts = text.utf8.count > 200 ? [] : text.split(separator: ".")
    guard parts.count == 3, let number = Int(parts[0], radix: 36),
      let seconds = Int64(parts[1], radix: 36), let code = Self.decode(parts[2]),
      // Compares in constant time.
      HMAC<SHA256>.isValidAuthenticationCode(
        code, authenticating: Data("\(parts[0]).\(parts[1])".utf8), using: key)
    else { return nil }
    self.init(caseNumber: number, expiry: Instant(seconds: seconds))
    if now >= expiry { return nil }
  }

  package func text(key: SymmetricKey) -> String {
    let claim =
      "\(String(caseNumber, radix: 36)).\(String(expiry.seconds, radix: 36))"
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
