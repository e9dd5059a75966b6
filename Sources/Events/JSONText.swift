/// JSON as bytes, written left to right: objects of one line.
public struct JSONText {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init() {}

  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  public mutating func object(_ body: (inout JSONText) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  public mutating func array(_ name: StaticString, _ body: (inout JSONText) -> Void) {
    key(name)
    bytes.append(UInt8(ascii: "["))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  public mutating func newline() {
    bytes.append(10)
    needsComma = false
  }

  public mutating func field(_ name: StaticString, _ text: String) {
    key(name)
    var text = text
    text.withUTF8 { string(unsafe $0.span) }
  }

  public mutating func field(_ name: StaticString, _ number: Int) {
    key(name)
    bytes.append(contentsOf: String(number).utf8)
  }

  public mutating func field(_ name: StaticString, _ number: Double) {
    key(name)
    bytes.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
  }

  public mutating func field(_ name: StaticString, _ flag: Bool) {
    key(name)
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  public mutating func field(_ name: StaticString, _ text: Span<UInt8>) {
    key(name)
    if isPlain(text) { string(text) } else { field(repaired: String(copying: text)) }
  }

  public mutating func field(_ name: StaticString, object body: (inout JSONText) -> Void) {
    key(name)
    needsComma = false
    object(body)
  }

  /// A string as a member of an array.
  public mutating func element(_ text: String) {
    separate()
    field(repaired: text)
    needsComma = true
  }

  private mutating func field(repaired text: String) {
    var text = text
    text.withUTF8 { string(unsafe $0.span) }
  }

  private func isPlain(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where text[index] >= 0x80 { return false }
    return true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func string(_ text: Span<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for index in text.indices {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<32, 127:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(contentsOf: HexText.of(byte).utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
