/// What one log line tells, as ranges into that line: the words of DESIGN's table of event keys.
///
/// One value is filled again and again by the collectors; nothing in it outlives the line but numbers.
/// A field that the line does not have is `.absent`, nil or -1.
public struct LogEvent: Sendable {
  public var kind = EventKind.login
  public var software = Software.other
  public var result: LoginResult? = nil
  public var service: MailService? = nil
  public var status: DeliveryStatus? = nil
  public var replyClass: ReplyClass? = nil

  /// How many digits of the second's fraction the log has, 0 to 6.
  public var timeDigits: UInt8 = 0
  public var time = Instant.distantPast
  public var fileIndex: Int32 = 0
  /// 1-based.
  public var line: Int32 = 0

  public var host = Field.absent
  /// The syslog tag without `[pid]`: `postfix/submission/smtpd`. Absent in a program's own log file.
  public var program = Field.absent
  public var pid: Int32 = -1
  /// A hash of the tag's first part, which tells one instance of Postfix on a host from another.
  public var instance: UInt64 = 0

  public var saslLogin = Field.absent
  public var uid: Int32 = -1
  public var clientAddress: NetworkAddress? = nil
  public var session = Field.absent
  public var helo = Field.absent

  public var queueID = Field.absent
  public var nextQueueID = Field.absent
  /// The id under which a content filter's second copy was first queued.
  public var originalQueueID = Field.absent
  public var envelopeSender = Field.absent
  public var recipient = Field.absent
  public var originalRecipient = Field.absent
  public var recipientCount: Int32 = -1
  public var sizeBytes: Int64 = -1

  public var relay = Field.absent
  public var dsn = Field.absent
  public var reply = Field.absent
  /// The blocklist's zone as the reply has it, or else `dnsblName`.
  public var dnsbl = Field.absent
  /// The zone of a blocklist that the reply names in another way, such as by its web page.
  public var dnsblName: StaticString? = nil
  /// How often syslog says the line was repeated; 1 where it says nothing.
  public var repeated: Int32 = 1

  /// Of a `queue_entry`: the queue it stands in, and since when. Of a `password_change` whose time is when it was
  /// seen: the earliest that it can have been.
  public var queueName = Field.absent
  public var arrivalTime: Instant? = nil
  /// When it happened, or the earliest that it can have.
  public var earliest: Instant { arrivalTime ?? time }
  /// The local login name of a site, where the log has no uid (Exim's `U=`).
  public var localUser = Field.absent
  /// The script of a website that made the message: a path, or a file's name.
  public var script = Field.absent
  /// Of a `notice`: without the angle brackets.
  public var messageID = Field.absent

  public init() {}
}
