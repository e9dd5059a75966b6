internal import Events

/// A field of an event as policies name it, in `where`, in `field` and on the event itself.
package enum EventField: UInt8, CaseIterable, Sendable {
  // Words, flags and numbers that `where` may test.
  case result, service, status, replyClass, ours, probation, newPlace, sameAnswer
  case recipientCount, sizeBytes, points, travelSpeed
  // Identities, which windows may count, remember, or compare with a text.
  case subject, customer, reseller, saslLogin, uid, clientAddress, clientNetwork, country, asn
  case helo, envelopeSender, senderDomain, recipient, recipientDomain, relayDomain, dnsbl, script
  case policy
  // Only for reading.
  case kind, time, submittedAt, host, program, session, queueID, dsn, reply, repeated

  /// What a value of the field is.
  package enum Shape: Sendable { case word, flag, number, text, time }

  package var shape: Shape {
    switch self {
    case .kind, .result, .service, .status, .replyClass: .word
    case .ours, .probation, .newPlace, .sameAnswer: .flag
    case .recipientCount, .sizeBytes, .points, .travelSpeed, .uid, .asn, .repeated: .number
    case .time, .submittedAt: .time
    default: .text
    }
  }

  /// As Lua writes it: `reply_class`.
  package var name: String {
    switch self {
    case .replyClass: "reply_class"
    case .recipientCount: "recipient_count"
    case .sizeBytes: "size_bytes"
    case .saslLogin: "sasl_login"
    case .clientAddress: "client_address"
    case .clientNetwork: "client_network"
    case .envelopeSender: "envelope_sender"
    case .senderDomain: "sender_domain"
    case .recipientDomain: "recipient_domain"
    case .relayDomain: "relay_domain"
    case .submittedAt: "submitted_at"
    case .queueID: "queue_id"
    case .newPlace: "new_place"
    case .travelSpeed: "travel_speed"
    case .sameAnswer: "same_answer"
    default: "\(self)"
    }
  }

  /// The words a `.word` field may have, in the order of their bits; empty for other shapes.
  package var words: [String] {
    switch self {
    case .kind: PolicyEvent.allCases.map(\.name)
    case .result: LoginResult.allCases.map(\.word)
    case .service: MailService.allCases.map(\.word)
    case .status: DeliveryStatus.allCases.map(\.word)
    case .replyClass: ReplyClass.allCases.map(\.word)
    default: []
    }
  }
}

/// What a policy may count and handle: the log's kinds of event, and what the engine adds.
package enum PolicyEvent: UInt8, CaseIterable, Sendable {
  case login, submission, message, delivery, rejection, passwordChange, queueEntry, attempt
  /// A weak sign that a policy has returned; windows may sum its `points`.
  case evidence

  package var name: String {
    switch self {
    case .passwordChange: "password_change"
    case .queueEntry: "queue_entry"
    default: "\(self)"
    }
  }
}
