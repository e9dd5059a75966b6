package import Crypto
package import Events
import Foundation

/// The hidden field of the form: a post counts only where it was shown with the page. Whoever posts from another
/// page does not know it, and a mail scanner that follows links posts nothing.
///
/// Nothing is kept and no cookie set. Shape: `EXPIRY.SIGNATURE`, bound to the token.
package enum FormCheck {
  private static let life = TimeSpan(seconds: 86_400)

  package static func text(for token: String, key: SymmetricKey, at now: Instant) -> String {
    let expiry = String((now + life).seconds, radix: 36)
    return "\(expiry).\(code(token, expiry, key))"
  }

  package static func isValid(
    _ text: String, for token: String, key: SymmetricKey, at now: Instant
  ) -> Bool {
    let parts =
      text.utf8.count > 100 ? [] : text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2,
      ConstantTime.equal(code(token, String(parts[0]), key), String(parts[1])),
      let seconds = Int64(parts[0], radix: 36)
    else { return false }
    return now < Instant(seconds: seconds)
  }

  private static func code(_ token: String, _ expiry: String, _ key: SymmetricKey) -> String {
    // No token has a colon: what signs the one can never sign the other.
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("check:\(token):\(expiry)".utf8), using: key)
    return HexText.of(code)
  }
}
