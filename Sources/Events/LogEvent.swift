/// What one log line tells, as ranges into that line: the words of DESIGN's table of event keys.
///
/// One value is filled again and again by the collectors; nothing in it outlives the line but numbers.
/// A field that the line does not have is `.absent`, nil or -1.
package struct LogEvent: Sendable {
  package var kind = EventKind.login
  package var software = Software.other
  package var result: LoginResult? = nil
  package var service: MailService? = nil
  package var status: DeliveryStatus? = nil
  package var replyClass: ReplyClass? = nil

  /// How many digits of the second's fraction the log has, 0 to 6.
  package var timeDigits: UInt8 = 0
  package var time = Instant.distantPast
  package var fileIndex: Int32 = 0
  /// 1-based.
  package var line: Int32 = 0

  package var host = Field.absent
  /// The syslog tag without `[pid]`: `postfix/submission/smtpd`. Absent in a program's own log file.
  package var program = Field.absent
  package var pid: Int32 = -1
  /// A hash of the tag's first part, which tells one instance of Postfix on a host from another.
  package var instance: UInt64 = 0

  package var saslLogin = Field.absent
  package var uid: Int32 = -1
  package var clientAddress: NetworkAddress? = nil
  package var session = Field.absent
  package var helo = Field.absent

  package var queueID = Field.absent
  package var nextQueueID = Field.absent
  /// The id under which a content filter's second copy was first queued.
  package var originalQueueID = Field.absent
  package var envelopeSender = Field.absent
  package var recipient = Field.absent
  package var originalRecipient = Field.absent
  package var recipientCount: Int32 = -1
  package var sizeBytes: Int64 = -1

  package var relay = Field.absent
  package var dsn = Field.absent
  package var reply = Field.absent
  /// The blocklist's zone as the reply has it, or else `dnsblName`.
  package var dnsbl = Field.absent
  /// The zone of a blocklist that the reply names in another way, such as by its web page.
  package var dnsblName: StaticString? = nil
  /// How often syslog says the line was repeated; 1 where it says nothing.
  package var repeated: Int32 = 1

  /// Of a `queue_entry`: the queue it stands in, and since when.
  package var queueName = Field.absent
  package var arrivalTime: Instant? = nil
  /// The local login name of a site, where the log has no uid (Exim's `U=`).
  package var localUser = Field.absent
  /// The script of a website that made the message: a path, or a file's name.
  package var script = Field.absent

  package init() {}
}
