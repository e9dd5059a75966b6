import Events
import Policy

/// An event after attribution: whose it is and what it says, as windows and policies see it.
///
/// Values that are texts stay in the line; a hash of one is made when a window asks for it.
struct Fact {
  var event: PolicyEvent
  /// The engine's time.
  var time: Instant
  /// The place in `Subjects`, or -1.
  var subject: Int32 = -1
  var isSite = false
  var log: LogEvent
  /// When the message that this is about was submitted.
  var submittedAt: Instant? = nil
  var clientAddress: NetworkAddress? = nil
  var place: Geo.Place? = nil
  var replyClass: ReplyClass? = nil
  /// The flags of DESIGN's words, a bit each.
  private(set) var flags: UInt8 = 0
  var points = 0.0
  /// Kilometres an hour since the account was last seen in another country.
  var travelSpeed: Double? = nil
  var policy = ""
  /// The script of a website that made the message.
  var script = ""

  init(event: PolicyEvent, time: Instant, log: LogEvent) {
    (self.event, self.time, self.log) = (event, time, log)
  }

  // MARK: What conditions test

  /// The place of a word among `field.words`, or -1 where the event has none.
  @inline(__always) func word(_ field: EventField) -> Int {
    switch field {
    case .result: log.result.map { Int($0.rawValue) } ?? -1
    case .service: log.service.map { Int($0.rawValue) } ?? -1
    case .status: log.status.map { Int($0.rawValue) } ?? -1
    case .replyClass: replyClass.map { Int($0.rawValue) } ?? -1
    case .kind: Int(event.rawValue)
    default: -1
    }
  }

  @inline(__always) static func bit(_ field: EventField) -> UInt8 {
    switch field {
    case .ours: 1
    case .probation: 2
    case .newPlace: 4
    case .sameAnswer: 8
    default: 0
    }
  }

  @inline(__always) func flag(_ field: EventField) -> Bool { flags & Self.bit(field) != 0 }

  @inline(__always) mutating func set(_ field: EventField, _ flag: Bool) {
    if flag { flags |= Self.bit(field) } else { flags &= ~Self.bit(field) }
  }

  func number(_ field: EventField) -> Double? {
    switch field {
    case .recipientCount: log.recipientCount < 0 ? nil : Double(log.recipientCount)
    case .sizeBytes: log.sizeBytes < 0 ? nil : Double(log.sizeBytes)
    case .points: points
    case .travelSpeed: travelSpeed
    case .uid: log.uid < 0 ? nil : Double(log.uid)
    case .asn: place.flatMap { $0.asn == 0 ? nil : Double($0.asn) }
    case .repeated: Double(log.repeated)
    default: nil
    }
  }

  // MARK: Identities

  /// A number that stands for the field's value, 0 where the event has none.
  func hash(_ field: EventField, _ line: Span<UInt8>, _ subjects: borrowing Subjects) -> UInt64 {
    switch field {
    case .subject: subject < 0 ? 0 : FieldHash.mix(UInt64(subject), 7)
    case .customer: subject < 0 ? 0 : number(subjects[subject].customer, 11)
    case .reseller: subject < 0 ? 0 : number(subjects[subject].reseller, 13)
    case .clientAddress: clientAddress.map { FieldHash.mix($0.high, $0.low) } ?? 0
    case .clientNetwork: clientAddress.map { FieldHash.mix($0.network.high, $0.network.low) } ?? 0
    case .country: place.map { number(Int32($0.country), 17) } ?? 0
    case .asn: place.map { $0.asn == 0 ? 0 : number(Int32($0.asn), 19) } ?? 0
    case .uid: log.uid < 0 ? 0 : number(log.uid, 23)
    case .policy: FieldHash.lowercased(policy)
    case .script: script.isEmpty ? 0 : FieldHash.lowercased(script)
    default:
      range(field, line).map { $0.isEmpty ? 0 : FieldHash.lowercased(line, $0) } ?? 0
    }
  }

  private func number(_ value: Int32, _ kind: UInt64) -> UInt64 {
    value < 0 ? 0 : FieldHash.mix(UInt64(value), kind)
  }

  /// Where the line has the field's text.
  func range(_ field: EventField, _ line: Span<UInt8>) -> Range<Int>? {
    switch field {
    case .saslLogin: present(log.saslLogin)
    case .helo: present(log.helo)
    case .envelopeSender: present(log.envelopeSender)
    case .senderDomain: present(log.envelopeSender).flatMap { MailDomain.domain(line, $0) }
    case .recipient: present(log.recipient)
    case .recipientDomain: present(log.recipient).flatMap { MailDomain.domain(line, $0) }
    case .relayDomain: MailDomain.relay(line, log)
    case .dnsbl: present(log.dnsbl)
    case .host: present(log.host)
    case .program: present(log.program)
    case .session: present(log.session)
    case .queueID: present(log.queueID)
    case .dsn: present(log.dsn)
    case .reply: present(log.reply)
    default: nil
    }
  }

  private func present(_ field: Field) -> Range<Int>? { field.isAbsent ? nil : field.range }

  // MARK: What Lua reads

  /// - Returns: nil where the event has no such value.
  func value(_ field: EventField, _ line: Span<UInt8>, _ subjects: borrowing Subjects)
    -> WindowValue?
  {
    switch field {
    case .subject: subject < 0 ? nil : .text(subjects[subject].name)
    case .customer: subject < 0 ? nil : subjects.customerName(of: subject).map { .text($0) }
    case .reseller: subject < 0 ? nil : subjects.resellerName(of: subject).map { .text($0) }
    default: plainValue(field, line)
    }
  }

  /// The values that stand in the event itself.
  func plainValue(_ field: EventField, _ line: Span<UInt8>) -> WindowValue? {
    switch field.shape {
    case .word:
      let word = word(field)
      return word < 0 ? nil : .text(field.words[word])
    case .flag: return .flag(flag(field))
    case .number: return number(field).map { .number($0) }
    case .time:
      let time = field == .time ? self.time : submittedAt
      return time.map { .number(Double($0.microseconds) / 1_000_000) }
    case .text: return text(field, line).map { .text($0) }
    }
  }

  private func text(_ field: EventField, _ line: Span<UInt8>) -> String? {
    switch field {
    case .clientAddress: clientAddress?.description
    case .clientNetwork: clientAddress?.networkDescription
    case .country: place.flatMap { $0.countryCode }
    case .policy: policy.isEmpty ? nil : policy
    case .script: script.isEmpty ? nil : script
    case .dnsbl where log.dnsbl.isAbsent: log.dnsblName.map { "\($0)" }
    default: range(field, line).map { String(copying: line.extracting($0)) }
    }
  }
}
