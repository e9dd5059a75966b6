/// One message in the queue, as `postqueue -j` gives it, one JSON object a line. Source: postqueue(1).
package struct QueuedMail: Decodable, Equatable, Sendable {
  package struct Recipient: Decodable, Equatable, Sendable {
    package var address: String
    package var delayReason: String?

    enum CodingKeys: String, CodingKey {
      case address
      case delayReason = "delay_reason"
    }
  }

  package var queueName: String
  package var queueID: String
  /// Seconds since 1970.
  package var arrivalTime: Int64
  package var messageSize: Int
  package var sender: String
  /// Those that have not got it yet.
  package var recipients: [Recipient]

  package var isHeld: Bool { queueName == "hold" }
  /// It was on its way when it was put on hold: everybody has it, and its file has stayed there.
  package var isDelivered: Bool { recipients.isEmpty }

  enum CodingKeys: String, CodingKey {
    case queueName = "queue_name"
    case queueID = "queue_id"
    case arrivalTime = "arrival_time"
    case messageSize = "message_size"
    case sender, recipients
  }

  /// The queue id of such a line, found without reading the rest; nil where there is none.
  static func queueID(_ line: ArraySlice<UInt8>) -> Substring? {
    // postqueue writes the queue's name first, and neither name nor id can contain a quote.
    let parts = line.prefix(200).split(
      separator: UInt8(ascii: "\""), maxSplits: 8, omittingEmptySubsequences: false)
    guard parts.count > 7, parts[5].elementsEqual("queue_id".utf8) else { return nil }
    return Substring(decoding: parts[7], as: UTF8.self)
  }
}
