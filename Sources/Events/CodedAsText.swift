/// What stands in JSON as the text that people write.
public protocol CodedAsText: Codable, LosslessStringConvertible {
  /// What a text that is none of them is: `no duration such as 10m`.
  static var form: String { get }
}

extension CodedAsText {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is \(Self.form)")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
