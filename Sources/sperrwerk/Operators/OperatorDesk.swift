import Actions
import Events
import Foundation

/// Takes an operator's line to the loop and its answer back.
struct OperatorDesk: Sendable {
  let mailbox: Mailbox

  func answer(_ line: String, uid: UInt32) async -> String {
    guard let request = try? JSONDecoder().decode(OperatorRequest.self, from: Data(line.utf8))
    else {
      return Self.encode(
        OperatorReply(
          isDone: false, text: "not a command of this version; restart the service after an upgrade"
        ))
    }
    return Self.encode(await ask(request, actor: Self.actor(uid)))
  }

  func ask(_ request: OperatorRequest, actor: String) async -> OperatorReply {
    await withCheckedContinuation { done in
      mailbox.send(.command(request, actor: actor, reply: { done.resume(returning: $0) }))
    }
  }

  /// `uid 1000 (anna)`: names change hands, numbers seldom.
  static func actor(_ uid: UInt32) -> String {
    let name = (try? LoginName.of(Int32(bitPattern: uid))) ?? nil
    return "uid \(uid)\(name.map { " (\($0))" } ?? "")"
  }

  static func encode(_ reply: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(reply)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
