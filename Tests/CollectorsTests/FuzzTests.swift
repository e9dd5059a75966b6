import Collectors
import Events
import Foundation
import Testing

/// A small generator of numbers that gives the same row in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

@Suite struct `Hostile lines` {
  static let sample: [[UInt8]] = ["seed-story/mail.log", "exim/mainlog"].flatMap { name in
    let data = FileManager.default.contents(atPath: root + "/samples/" + name) ?? Data()
    return data.split(separator: 10).map { Array($0) }
  }
  static let rounds =
    ProcessInfo.processInfo.environment["TEST_FUZZ"].flatMap { Int($0) } ?? 20_000

  @Test func `never crash the parser, and no field leaves the line`() {
    var dice = Dice(state: 20_261_124)
    var parser = LineParser(
      clock: LogClock(zone: .zero, reference: Instant(seconds: 1_798_000_000)))
    let classifier = ReplyClassifier()
    var event = LogEvent()
    let alphabet = Array("<>[](),:=\"\\ @/.0aZ\u{0}".utf8) + [0xff, 0xc3]
    for _ in 0..<Self.rounds {
      var line = Self.sample.randomElement(using: &dice) ?? []
      for _ in 0..<Int.random(in: 1...6, using: &dice) where !line.isEmpty {
        let place = Int.random(in: 0..<line.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: line[place] = alphabet.randomElement(using: &dice)!
        case 1: line.insert(alphabet.randomElement(using: &dice)!, at: place)
        case 2: line.remove(at: place)
        default: line.removeSubrange(place..<min(line.count, place + 9))
        }
      }
      guard parser.parse(line.span, into: &event) else { continue }
      classifier.classify(&event, line.span)
      classifier.nameBlocklist(&event, line.span)
      for field in [event.saslLogin, event.queueID, event.recipient, event.reply, event.relay] {
        #expect(field.isAbsent || field.range.upperBound <= line.count)
      }
    }
  }

  @Test func `cut at any byte are read or dismissed, never misread`() throws {
    let whole =
      stamp
      + "postfix/smtp[1]: ABC123: to=<kunde@freemail.example>, relay=mx.example[192.0.2.9]:25, delay=1, dsn=5.7.1, status=bounced (host mx said: 550 no)"
    for length in 0...whole.utf8.count {
      guard let event = read(String(decoding: Array(whole.utf8.prefix(length)), as: UTF8.self))
      else {
        continue
      }
      #expect(event["queue_id"] == "ABC123")
      #expect(event["recipient"] == "kunde@freemail.example")
      #expect(event["status"] == "bounced")
    }
  }

  @Test func `that a stranger words change no fixed field`() {
    var dice = Dice(state: 7)
    let tricks = [
      ">, status=sent (", "sasl_username=victim@x.example", "> ABC999: ", "rip=1.2.3.4", "\"",
      "; from=<v@x.example> to=<w@x.example> proto=SMTP helo=<y>",
    ]
    for _ in 0..<5000 {
      let reply = (0..<4).map { _ in tricks.randomElement(using: &dice)! }.joined(separator: " ")
      let event = read(
        stamp
          + "postfix/smtp[1]: ABC123: to=<a@b.example>, relay=mx[192.0.2.1]:25, dsn=5.7.1, status=bounced (\(reply))"
      )
      #expect(event?["status"] == "bounced")
      #expect(event?["recipient"] == "a@b.example")
      #expect(event?["queue_id"] == "ABC123")
    }
  }
}
