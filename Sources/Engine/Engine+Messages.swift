import Events
import Policy

/// From a submission to what became of it.
extension Engine {
  mutating func submission(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    if isOwnNotice(event, line) { return }
    if event.service == .pickup, event.originalQueueID.hasText {
      return attribution.requeued(event, line, at: now)
    }
    let subject = subject(of: event, line)
    let isHere =
      if let address = event.clientAddress { address.isLoopback } else { event.service == .pickup }
    let address = client(event)
    let isNew = subject >= 0 && seesNewPlace(subject, address)
    attribution.submission(
      event, line, subject: subject, isHere: isHere, client: address,
      isStopped: subject >= 0 && subjects[subject].stoppedAt != nil, isFromNewPlace: isNew,
      at: now)
    guard subject >= 0 else {
      // A program's on this machine, under a user whom no table of websites names. What has no sender is a bounce.
      if event.localUser.hasText, event.clientAddress == nil, event.envelopeSender.hasText {
        attribution.countNobodys()
        hasUnknownUsers = true
      }
      return
    }
    if event.service == .pickup { takeScript(event, line) }
    var fact = fact(.submission, event, subject)
    fact.clientAddress = address
    fact.set(.newPlace, isNew)
    if geo.knowsCountries, let address {
      fact.travelSpeed = journeys.speed(subject, geo.place(address), second: now.seconds)
    }
    subjects[subject].hasHistory = true
    noteAddress(fact)
    weigh(&fact, line, isEvidence: subjects[subject].stoppedAt == nil)
    // Exim names a message once, when it has it; how many recipients, only with a log selector.
    if event.software == .exim {
      var arrived = copy event
      arrived.recipientCount = max(1, event.recipientCount)
      message(arrived, line)
    }
  }

  /// Which script of a website made a message: named by its queue id, or by PHP right before.
  mutating func script(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    let number = scripts.number(String(copying: line.extracting(event.script.range)))
    guard event.queueID.hasText else {
      scripts.phpNamed(number, host: host(of: event, line), second: now.seconds)
      return
    }
    scripts.count(number, of: attribution.script(number, event, line))
  }

  private mutating func takeScript(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    let number = scripts.takeNamed(host: host(of: event, line), second: now.seconds)
    guard number >= 0 else { return }
    scripts.count(number, of: attribution.script(number, event, line))
  }

  private func host(of event: borrowing LogEvent, _ line: Span<UInt8>) -> UInt64 {
    event.host.hasText ? FieldHash.lowercased(line, event.host.range) : 0
  }

  mutating func message(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    guard let place = attribution.message(event, line, at: now) else { return }
    let message = attribution.queue[place]
    statistics.messages += 1
    subjects[message.subject].hasHistory = true
    var fact = fact(.message, event, message.subject)
    fact.clientAddress = message.clientAddress
    fact.submittedAt = message.submittedAt
    fact.set(.newPlace, message.isFromNewPlace)
    if message.script >= 0 { fact.script = scripts.names[Int(message.script)] }
    if message.wasStopped {
      countStopped(message.subject, recipients: max(1, event.recipientCount), message.clientAddress)
    } else {
      let hour = Int32(truncatingIfNeeded: (now.seconds - WindowStore.epoch) / 600)
      sent.reach(Int(message.subject), Buckets())
      sent[Int(message.subject)].add(1, bucket: hour, keep: 144)
    }
    weigh(&fact, line, isEvidence: !message.wasStopped)
  }

  mutating func delivery(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    switch attribution.delivery(event, line, at: now) {
    case .notCounted, .nobodys: break
    case .of(let place): result(event, line, of: place)
    case .linked(let place, let waited):
      for (event, bytes) in waited { result(event, bytes.span, of: place) }
    }
  }

  mutating func result(
    _ event: borrowing LogEvent, _ line: Span<UInt8>, of place: QueueTable.Place
  ) {
    let message = attribution.queue[place]
    let subject = message.subject
    var fact = fact(.delivery, event, subject)
    fact.clientAddress = message.clientAddress
    fact.submittedAt = message.submittedAt
    fact.set(.newPlace, message.isFromNewPlace)
    if message.script >= 0 { fact.script = scripts.names[Int(message.script)] }
    classify(&fact.log, line)
    fact.replyClass = fact.log.replyClass ?? .other
    if fact.replyClass!.speaksAgainstSender { day.countRejection(at: now) }
    // A rule of our own cleanup, or a virtual mailbox of ours: no remote server has spoken.
    fact.set(.ours, isOurOwn(event, line))
    let provider = fact.hash(.relayDomain, line, subjects)
    fact.set(.sameAnswer, attribution.isSameAnswer(place, provider: provider, fact.replyClass!))
    let judgement = hostRules.judge(
      fact.replyClass!, provider: provider, subject: subject, at: now)
    if judgement.listingBegan || judgement.providerBegan { tellTrouble(judgement, fact, line) }
    if judgement.isDiscounted { statistics.discounted += 1 }
    let isEvidence =
      !message.wasStopped && !judgement.isDiscounted && !fact.flag(.ours)
      && message.submittedAt > subjects[subject].restoredAt
    weigh(&fact, line, isEvidence: isEvidence)
  }

  private func isOurOwn(_ event: borrowing LogEvent, _ line: Span<UInt8>) -> Bool {
    guard event.program.hasText else { return false }
    let end = event.program.range.upperBound
    let tail: StaticString = "/cleanup"
    guard event.program.count >= tail.utf8CodeUnitCount else { return false }
    for offset in 0..<tail.utf8CodeUnitCount
    where unsafe line[end - tail.utf8CodeUnitCount + offset] != tail.utf8Start[offset] {
      return false
    }
    return true
  }

  mutating func queueEntry(_ event: borrowing LogEvent, _ line: Span<UInt8>) {
    guard windows.counts(.queueEntry), let message = attribution.inQueue(event, line),
      message.origin == .submitted
    else { return }
    var fact = fact(.queueEntry, event, message.subject)
    fact.submittedAt = message.submittedAt
    fact.set(.newPlace, message.isFromNewPlace)
    classify(&fact.log, line)
    fact.replyClass = fact.log.replyClass
    weigh(
      &fact, line,
      isEvidence: !message.wasStopped
        && message.submittedAt > subjects[message.subject].restoredAt)
  }
}
