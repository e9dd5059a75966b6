/// The words that a log event is made of; the raw value is the place in `allCases`, for bit sets.

/// What a log line tells.
public enum EventKind: UInt8, CaseIterable, Sendable {
  case login, submission, message, delivery, rejection
  case bounceNotice, removed, held, passwordChange, queueEntry, attempt
  /// The script of a website that made a message.
  case script
  /// A message whose Message-ID is of the shape of our notices.
  case notice

  public var word: String {
    switch self {
    case .login: "login"
    case .submission: "submission"
    case .message: "message"
    case .delivery: "delivery"
    case .rejection: "rejection"
    case .bounceNotice: "bounce_notice"
    case .removed: "removed"
    case .held: "held"
    case .passwordChange: "password_change"
    case .queueEntry: "queue_entry"
    case .attempt: "attempt"
    case .script: "script"
    case .notice: "notice"
    }
  }
}

public enum LoginResult: UInt8, CaseIterable, Sendable {
  case success, failure
  public var word: String { self == .success ? "success" : "failure" }
}

/// By which service somebody logged in or handed over mail.
public enum MailService: UInt8, CaseIterable, Sendable {
  case imap, pop3, smtp, submission, smtps, managesieve, pickup
  public var word: String { "\(self)" }
}

/// What became of a recipient, in the mail system's own words.
public enum DeliveryStatus: UInt8, CaseIterable, Sendable {
  case sent, deferred, bounced, expired, forceExpired, softbounce
  public var word: String { self == .forceExpired ? "force-expired" : "\(self)" }
}

/// What the remote server's reply means for the sender.
public enum ReplyClass: UInt8, CaseIterable, Sendable {
  case accepted
  /// Our address or domain is listed or distrusted.
  case reputation
  /// The content was judged spam.
  case spam
  case policy, userUnknown, mailboxFull, greylisted, rateLimited, unreachable
  /// None of these, or unclear: a wrong class suspends the innocent.
  case other

  public var word: String {
    switch self {
    case .userUnknown: "user_unknown"
    case .mailboxFull: "mailbox_full"
    case .rateLimited: "rate_limited"
    default: "\(self)"
    }
  }
}

/// Whose log the line stands in.
public enum Software: UInt8, CaseIterable, Sendable {
  case postfix, dovecot, exim, other
  public var word: String { "\(self)" }
}
