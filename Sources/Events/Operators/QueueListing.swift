/// What a subject has in the mail queue.
public struct QueueListing: Codable, Equatable, Sendable {
  public struct Message: Codable, Equatable, Sendable {
    public struct Recipient: Codable, Equatable, Sendable {
      public var address: String
      /// What the remote server last said.
      public var reply: String?

      public init(address: String, reply: String?) { (self.address, self.reply) = (address, reply) }
    }

    public var id: String
    /// `hold`, `deferred`, `active`, `incoming`.
    public var queue: String
    public var arrivedAt: Instant
    public var sizeBytes: Int
    public var envelopeSender: String
    public var recipients: [Recipient]

    public init(
      id: String, queue: String, arrivedAt: Instant, sizeBytes: Int, envelopeSender: String,
      recipients: [Recipient]
    ) {
      (self.id, self.queue, self.arrivedAt) = (id, queue, arrivedAt)
      (self.sizeBytes, self.envelopeSender) = (sizeBytes, envelopeSender)
      self.recipients = recipients
    }
  }

  /// A deletion that can still be undone.
  public struct Deletion: Codable, Equatable, Sendable {
    public var messages: Int
    public var due: Instant
    public var actor: String
    public var reason: String

    public init(messages: Int, due: Instant, actor: String, reason: String) {
      (self.messages, self.due, self.actor, self.reason) = (messages, due, actor, reason)
    }
  }

  public var subject: String
  public var messages: [Message]
  public var deletion: Deletion?

  public init(subject: String, messages: [Message]) {
    (self.subject, self.messages) = (subject, messages)
  }
}
