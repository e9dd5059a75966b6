import NIOCore

/// One question of Postfix's policy delegation protocol: `name=value` lines, ended by an empty one.
///
/// Every value may be a stranger's. Unknown names are passed over. Source: Postfix's SMTPD_POLICY_README.
struct PolicyRequest: Equatable {
  static let longest = 16_384

  var request = ""
  var state = ""
  var instance = ""
  var login = ""
  var clientAddress = ""
  var recipient = ""
  var queueID = ""
  /// The client's port, and the one it came to; 0 where Postfix does not say.
  var clientPort = 0
  var serverPort = 0

  enum Outcome: Equatable {
    case request(PolicyRequest)
    case incomplete
    /// Too long, or a line without `=`.
    case malformed
  }

  /// Takes the next request off the buffer, if all of it is there.
  static func take(from buffer: inout ByteBuffer) -> Outcome {
    let view = buffer.readableBytesView
    guard let end = endOfRequest(view) else {
      return view.count > longest ? .malformed : .incomplete
    }
    guard end - view.startIndex <= longest else { return .malformed }
    var request = PolicyRequest()
    var line = view.startIndex
    while line < end {
      let newline = view[line..<end].firstIndex(of: 10) ?? end
      if newline > line {
        guard let equals = view[line..<newline].firstIndex(of: UInt8(ascii: "=")) else {
          return .malformed
        }
        request.set(view[line..<equals], view[(equals + 1)..<newline])
      }
      line = newline + 1
    }
    buffer.moveReaderIndex(to: end + 1)
    return .request(request)
  }

  /// The index of the newline that is the empty line.
  private static func endOfRequest(_ view: ByteBufferView) -> Int? {
    var from = view.startIndex
    while let newline = view[from...].firstIndex(of: 10) {
      if newline == from { return newline }
      from = newline + 1
    }
    return nil
  }

  private mutating func set(_ name: ByteBufferView, _ value: ByteBufferView) {
    func text() -> String { String(decoding: value, as: UTF8.self) }
    switch name.count {
    case 7 where name.elementsEqual("request".utf8): request = text()
    case 8 where name.elementsEqual("instance".utf8): instance = text()
    case 8 where name.elementsEqual("queue_id".utf8): queueID = text()
    case 9 where name.elementsEqual("recipient".utf8): recipient = text()
    case 11 where name.elementsEqual("client_port".utf8): clientPort = Int(text()) ?? 0
    case 11 where name.elementsEqual("server_port".utf8): serverPort = Int(text()) ?? 0
    case 13 where name.elementsEqual("sasl_username".utf8): login = text()
    case 14 where name.elementsEqual("client_address".utf8): clientAddress = text()
    case 14 where name.elementsEqual("protocol_state".utf8): state = text()
    default: break
    }
  }
}
