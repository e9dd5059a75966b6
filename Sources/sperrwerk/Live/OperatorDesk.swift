import Foundation

/// Takes an operator's line to the loop and its answer back.
struct OperatorDesk: Sendable {
  let mailbox: Mailbox

  func answer(_ line: String, uid: UInt32) async -> String {
    guard let request = try? JSONDecoder().decode(OperatorRequest.self, from: Data(line.utf8))
    else { return Self.encode(OperatorReply(isDone: false, text: "not a command")) }
    let reply = await withCheckedContinuation { done in
      mailbox.send(
        .command(request, actor: "uid \(uid)", reply: { done.resume(returning: $0) }))
    }
    return Self.encode(reply)
  }

  static func encode(_ reply: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(reply)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
