import Collectors
import Events

/// Reads one line as the collectors do, and shows the event's fields as text.
func read(_ line: String, zone: TimeSpan = .zero) -> [String: String]? {
  var parser = LineParser(clock: LogClock(zone: zone, reference: Instant(seconds: 1_798_000_000)))
  var event = LogEvent()
  let bytes = Array(line.utf8)
  guard parser.parse(bytes.span, into: &event) else { return nil }
  return fields(of: event, bytes)
}

func fields(of event: LogEvent, _ bytes: [UInt8]) -> [String: String] {
  var fields = ["kind": event.kind.word, "time": event.time.rfc3339(digits: Int(event.timeDigits))]
  func add(_ name: String, _ field: Field) {
    if !field.isAbsent { fields[name] = field.text(in: bytes.span) }
  }
  add("host", event.host)
  add("program", event.program)
  add("sasl_login", event.saslLogin)
  add("queue_id", event.queueID)
  add("next_queue_id", event.nextQueueID)
  add("orig_queue_id", event.originalQueueID)
  add("envelope_sender", event.envelopeSender)
  add("recipient", event.recipient)
  add("original_recipient", event.originalRecipient)
  add("relay", event.relay)
  add("dsn", event.dsn)
  add("reply", event.reply)
  add("session", event.session)
  add("helo", event.helo)
  add("script", event.script)
  fields["client_address"] = event.clientAddress?.description
  fields["result"] = event.result?.word
  fields["service"] = event.service?.word
  fields["status"] = event.status?.word
  if event.uid >= 0 { fields["uid"] = "\(event.uid)" }
  if event.recipientCount >= 0 { fields["recipient_count"] = "\(event.recipientCount)" }
  if event.repeated > 1 { fields["repeated"] = "\(event.repeated)" }
  return fields
}

let stamp = "2026-11-24T03:46:40.076631+01:00 vm "

/// Where the repository stands.
let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
