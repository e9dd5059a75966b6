import Events

/// Events and steps, as snapshots and recordings keep them.
extension Archive {
  mutating func keep(_ field: inout Field) throws(SnapshotError) {
    // Most fields of most events are absent: one byte then.
    var start = field.start &+ 1
    try keep(&start)
    if start == 0 {
      field = .absent
      return
    }
    var end = field.end
    try keep(&end)
    field = Field(start: start &- 1, end: end)
  }

  mutating func keep<Word: RawRepresentable & CaseIterable>(_ word: inout Word?)
    throws(SnapshotError)
  where Word.RawValue == UInt8 {
    var raw = word.map { $0.rawValue + 1 } ?? 0
    try keep(&raw)
    word = raw == 0 ? nil : Word(rawValue: raw - 1)
  }

  /// What stands in the line; what the engine has found out about a reply is found out again.
  mutating func keep(_ event: inout LogEvent) throws(SnapshotError) {
    try keep(&event.kind)
    try keep(&event.software)
    try keep(&event.result)
    try keep(&event.service)
    try keep(&event.status)
    try keep(&event.timeDigits)
    try keep(&event.time)
    try keep(&event.fileIndex)
    try keep(&event.line)
    try keep(&event.host)
    try keep(&event.program)
    try keep(&event.pid)
    try keep(&event.instance)
    try keep(&event.saslLogin)
    try keep(&event.uid)
    try keep(&event.clientAddress)
    try keep(&event.session)
    try keep(&event.helo)
    try keepMessage(&event)
    try keep(&event.repeated)
    try keep(&event.queueName)
    try keep(&event.arrivalTime)
    try keep(&event.localUser)
    try keep(&event.script)
    try keep(&event.messageID)
  }

  private mutating func keepMessage(_ event: inout LogEvent) throws(SnapshotError) {
    try keep(&event.queueID)
    try keep(&event.nextQueueID)
    try keep(&event.originalQueueID)
    try keep(&event.envelopeSender)
    try keep(&event.recipient)
    try keep(&event.originalRecipient)
    try keep(&event.recipientCount)
    try keep(&event.sizeBytes)
    try keep(&event.relay)
    try keep(&event.dsn)
    try keep(&event.reply)
    try keep(&event.dnsbl)
  }

  mutating func keep(_ step: inout Transition) throws(SnapshotError) {
    try keep(&step.time)
    try keep(&step.action)
    try keep(&step.subject)
    try keep(&step.policy)
    try keep(&step.reason)
    try keep(&step.evidence, or: Transition.Evidence(text: "", file: "", line: 0)) {
      (evidence, archive) throws(SnapshotError) in
      try archive.keep(&evidence.text)
      try archive.keep(&evidence.file)
      try archive.keep(&evidence.line)
    }
    try keep(&step.caseNumber)
    try keep(&step.readings, or: Transition.Reading(name: "", value: "")) {
      (reading, archive) throws(SnapshotError) in
      try archive.keep(&reading.name)
      try archive.keep(&reading.value)
    }
    try keep(&step.actor)
    try keep(&step.due)
    try keep(&step.step)
    try keep(&step.serial)
  }
}

extension Transition {
  static var blank: Transition {
    Transition(time: .distantPast, action: .alert, subject: nil, policy: nil, reason: "")
  }
}
