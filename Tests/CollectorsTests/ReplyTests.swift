import Collectors
import Events
import Testing

@Suite struct `A reply` {
  @Test(arguments: [
    (
      "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org",
      ReplyClass.reputation
    ),
    (
      "421-4.7.28 Gmail has detected an unusual rate of 421-4.7.28 unsolicited mail originating from your IP",
      .reputation
    ),
    ("554 5.7.1 Message rejected as spam by content filter", .spam),
    ("550 5.1.1 <a@b.example>: Recipient address rejected: User unknown", .userUnknown),
    ("452 4.2.2 The email account that you tried to reach is over quota", .mailboxFull),
    (
      "450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey",
      .greylisted
    ),
    ("connect to mx.example.net[192.0.2.1]:25: Connection timed out", .unreachable),
    ("550 5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy", .policy),
    ("421 4.7.0 Too many connections, slow down", .rateLimited),
    ("550 something that nobody ever said", .other),
  ])
  func `means what it says`(text: String, expected: ReplyClass) {
    let bytes = Array(text.utf8)
    #expect(ReplyClassifier().replyClass(bytes.span, 0..<bytes.count) == expected)
  }

  @Test func `is judged by the operator's patterns first`() {
    let bytes = Array("550 something that nobody ever said".utf8)
    let own = ReplyClassifier(extra: [ReplyPattern(.spam, ["nobody ever & !other"])])
    #expect(own.replyClass(bytes.span, 0..<bytes.count) == .spam)
  }
}
