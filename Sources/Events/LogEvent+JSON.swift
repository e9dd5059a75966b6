extension LogEvent {
  /// The event as one JSON object with the keys of DESIGN §3; absent where unknown.
  public func write(to json: inout JSONText, file: String, line text: Span<UInt8>) {
    json.object { json in
      json.field("file", file)
      json.field("line", Int(line))
      json.field("time", time.rfc3339(digits: Int(timeDigits)))
      field("host", host, text, &json)
      if program.hasText {
        field("program", program, text, &json)
      } else if software != .other {
        json.field("program", software.word)
      }
      json.field("kind", kind.word)
      if let result { json.field("result", result.word) }
      if let service { json.field("service", service.word) }
      field("sasl_login", saslLogin, text, &json)
      if uid >= 0 { json.field("uid", Int(uid)) }
      field("local_user", localUser, text, &json)
      field("script", script, text, &json)
      if let clientAddress { json.field("client_address", clientAddress.description) }
      field("session", session, text, &json)
      field("helo", helo, text, &json)
      field("queue_id", queueID, text, &json)
      field("next_queue_id", nextQueueID, text, &json)
      field("orig_queue_id", originalQueueID, text, &json)
      if !envelopeSender.isAbsent {
        json.field("envelope_sender", text.extracting(envelopeSender.range))
      }
      field("recipient", recipient, text, &json)
      field("original_recipient", originalRecipient, text, &json)
      if recipientCount >= 0 { json.field("recipient_count", Int(recipientCount)) }
      if sizeBytes >= 0 { json.field("size_bytes", Int(sizeBytes)) }
      field("relay", relay, text, &json)
      field("dsn", dsn, text, &json)
      if let status { json.field("status", status.word) }
      field("reply", reply, text, &json)
      if let replyClass { json.field("reply_class", replyClass.word) }
      if dnsbl.hasText {
        field("dnsbl", dnsbl, text, &json)
      } else if let dnsblName {
        json.field("dnsbl", "\(dnsblName)")
      }
      field("message_id", messageID, text, &json)
      field("queue_name", queueName, text, &json)
      if let arrivalTime { json.field("arrival_time", arrivalTime.rfc3339(digits: 0)) }
      if repeated > 1 { json.field("repeated", Int(repeated)) }
    }
  }

  private func field(
    _ name: StaticString, _ field: Field, _ text: Span<UInt8>, _ json: inout JSONText
  ) {
    if field.hasText { json.field(name, text.extracting(field.range)) }
  }
}
