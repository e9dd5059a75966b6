/// As RFC 3339 in UTC, as precise as it is: `2026-11-24T03:02:52Z`, `2026-11-24T03:02:52.076631Z`.
extension Instant: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = Instant(rfc3339: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no time such as 2026-11-24T03:02:52Z")
    }
    self = time
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    // What is not set yet lies before all calendars.
    let time = max(self, Instant(seconds: 0))
    try container.encode(time.rfc3339(digits: time.microseconds % 1_000_000 == 0 ? 0 : 6))
  }
}

/// As policies write it: `10m`.
extension TimeSpan: CodedAsText {
  public static let form = "no duration such as 10m"
}
