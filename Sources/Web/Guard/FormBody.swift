import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A posted form's fields.
struct FormBody: Sendable {
  /// Bytes of a body at the most: a reason, a subject and two tokens.
  static let longest = 8192
  private let fields: [String: String]

  /// - Throws: 413 where it is too long, 415 where it is no form.
  init(_ request: Request) async throws {
    guard
      request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded")
        == true
    else { throw HTTPError(.unsupportedMediaType) }
    let bytes: ByteBuffer
    do { bytes = try await request.body.collect(upTo: Self.longest) } catch is NIOTooManyBytesError
    {
      throw HTTPError(.contentTooLarge)
    }
    var fields: [String: String] = [:]
    for pair in String(buffer: bytes).split(separator: "&").prefix(32) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // The first of a name counts: a second one is nobody's honest form.
      let name = Self.plain(parts[0])
      if fields[name] == nil { fields[name] = parts.count == 2 ? Self.plain(parts[1]) : "" }
    }
    self.fields = fields
  }

  subscript(name: String) -> String { fields[name] ?? "" }

  private static func plain(_ text: Substring) -> String {
    text.replacing("+", with: " ").removingPercentEncoding ?? ""
  }
}
