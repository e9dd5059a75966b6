import Crypto
import Events
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
  }
}
