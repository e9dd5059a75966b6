import Events
import Testing

@Suite struct `Bytes as text` {
  @Test func `have two digits each`() {
    #expect(HexText.of([0, 9, 16, 255]) == "000910ff")
    #expect(HexText.of(0x0a, uppercase: true) == "0A")
  }
}
