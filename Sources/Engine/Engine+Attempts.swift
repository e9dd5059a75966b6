package import Events
import Policy

/// What the policy service sees: tries to hand over mail, and whose a website's message is.
extension Engine {
  /// A try to hand over a mail to one recipient.
  package struct Attempt: Codable, Equatable, Sendable {
    /// A canonical login, or `uid:5012`.
    package var subject: String
    /// As Postfix has it.
    package var address: String
    package var recipient: String
    /// Of a website's message that is there as a whole; nil of a try.
    package var queueID: String?

    package init(subject: String, address: String, recipient: String, queueID: String? = nil) {
      (self.subject, self.address) = (subject, address)
      (self.recipient, self.queueID) = (recipient, queueID)
    }
  }

  /// Counted where a policy counts it, and told apart by address while the subject's sending is stopped.
  package mutating func take(_ attempt: Attempt, at time: Instant) {
    advance(to: time)
    if let id = attempt.queueID { return handedOver(id, attempt.subject) }
    guard let subject = subjects.find(attempt.subject) else { return }
    let address = NetworkAddress(attempt.address)
    if let stoppedAt = subjects[subject].stoppedAt {
      tries.note(
        subject, stoppedAt: stoppedAt, from: address, recipient: attempt.recipient, at: now)
    }
    guard windows.counts(.attempt) else { return }
    var fact = Fact(event: .attempt, time: now, log: LogEvent())
    fact.subject = subject
    fact.isSite = subjects[subject].isSite
    if let address, !isOwn(address) { fact.clientAddress = address }
    let nothing: [UInt8] = []
    weigh(&fact, nothing.span, isEvidence: false)
  }

  private mutating func handedOver(_ id: String, _ name: String) {
    // A content filter or another of the host's own programs is no website.
    guard let uid = Standing.uid(name), uid >= 1000 || directory.sites[uid] != nil else { return }
    let bytes = Array(id.utf8)
    guard let id = QueueID(bytes.span, 0..<bytes.count) else { return }
    let subject = subjects.site(uid: uid, second: now.seconds)
    subjects[subject].hasHistory = true
    let isStopped = subjects[subject].stoppedAt != nil
    guard let found = attribution.claim(id, subject: subject, isStopped: isStopped, at: now) else {
      return
    }
    for (event, line) in found.waited { result(event, line.span, of: found.place) }
  }

  /// Who went on trying since a subject's sending was stopped: those who try most first, nil for all others.
  package func tries(of name: String) -> [(address: NetworkAddress?, count: Int, last: Instant)] {
    guard let subject = subjects.find(name), subjects[subject].stoppedAt != nil else { return [] }
    return tries.tries(subject).map { ($0.address, $0.tries.count, $0.tries.last) }
  }
}
