import Crypto
import Events
import Foundation
import Testing
import Web

@Suite struct `A form's token` {
  private let key = SymmetricKey(size: .bits256)
  private let now = Instant(seconds: 1_800_000_000)

  @Test func `names its case until its time is over`() {
    let token = FormToken(caseNumber: 4711, notice: 12, expiry: now + TimeSpan(seconds: 60))
    let text = token.text(key: key)
    #expect(text.utf8.allSatisfy { $0 == 45 || $0 == 46 || $0 == 95 || ($0 > 47 && $0 < 123) })
    #expect(FormToken(text, key: key, at: now) == token)
    #expect(FormToken(text, key: key, at: token.expiry) == nil)
  }

  @Test func `is worth nothing when a single character is another`() {
    let text = FormToken(caseNumber: 1, notice: 12, expiry: now + TimeSpan(seconds: 60)).text(
      key: key)
    for index in text.indices {
      // The last character's lowest bits are no part of the signature.
      if text.index(after: index) == text.endIndex { continue }
      var other = text
      other.replaceSubrange(index...index, with: text[index] == "1" ? "2" : "1")
      #expect(FormToken(other, key: key, at: now) == nil, "\(other)")
    }
    #expect(FormToken(text, key: SymmetricKey(size: .bits256), at: now) == nil)
    #expect(FormToken(String(repeating: "1.", count: 5000), key: key, at: now) == nil)
    #expect(FormToken("", key: key, at: now) == nil)
    #expect(FormToken(text + ".", key: key, at: now) == nil)
  }

  /// Anybody may send them: `1y2p0ij32e8e7` is the largest number.
  @Test(arguments: ["1y2p0ij32e8e7", "-1y2p0ij32e8e8", "zzzzzzzzzzzzzzzzzzzz", "", "."])
  func `and a form's hidden field may have any expiry, and open nothing`(expiry: String) {
    #expect(!FormCheck.isValid("\(expiry).x", for: "token", key: key, at: now))
    #expect(FormToken("1.1.\(expiry).x", key: key, at: now) == nil)
    let signed = HMAC<SHA256>.authenticationCode(for: Array("1.1.\(expiry)".utf8), using: key)
    let code = Data(signed).base64EncodedString().replacing("+", with: "-")
      .replacing("/", with: "_").replacing("=", with: "")
    _ = FormToken("1.1.\(expiry).\(code)", key: key, at: now)
  }
}
