import Events

/// Whether what the service lives on still speaks and can be read. Asked once a second, with the time handed in; it
/// says once what has begun, and once that it is over.
struct Freshness {
  struct Limits: Equatable {
    /// Of a source that has none of its own; zero is none.
    var silence = TimeSpan(seconds: 3600)
    var silenceOf: [String: TimeSpan] = [:]
    /// A source may be away for so long while it is rotated.
    var away = TimeSpan(seconds: 30)
    /// Of the lines of ten minutes: so many may be of no known form.
    var unreadable = 0.2
    /// Of the messages of an hour: so many may be nobody's.
    var unattributed = 0.3
  }

  /// What a source has read since it was opened.
  struct Reading {
    var name: String
    var lines = 0
    var events = 0
    /// Lines of no known form.
    var strangeLines = 0
    /// What keeps it from being read now.
    var fault: String?
    /// Silence tells nothing of it: a log of password changes, or one of another kind of machine.
    var maySilent = false
  }

  struct Finding: Equatable {
    var text: String
    var isAlert: Bool
  }

  /// What one source was, at the beginning of a stretch of time.
  private struct Source {
    var lastLines: Int
    var heardAt: Instant
    var faultSince: Instant?
    var begun: Reading
    var begunAt: Instant
    /// Over all stretches before.
    var lines = 0
    var events = 0
  }

  private var sources: [String: Source] = [:]
  /// Alerts that are in force, by what they are about.
  private var standing: Set<String> = []
  private var outgoing: (messages: Int, unattributed: Int, at: Instant)?
  let limits: Limits

  static let stretch = TimeSpan(seconds: 600)
  /// Below this a share says nothing.
  static let fewLines = 200
  static let fewMessages = 50

  init(_ limits: Limits) { self.limits = limits }

  mutating func look(
    _ readings: [Reading], messages: Int, unattributed: Int, at now: Instant
  ) -> [Finding] {
    var findings: [Finding] = []
    for reading in readings {
      var source =
        sources[reading.name]
        ?? Source(lastLines: reading.lines, heardAt: now, begun: reading, begunAt: now)
      listen(reading, &source, now, &findings)
      if now - source.begunAt >= Self.stretch { weigh(reading, &source, now, &findings) }
      sources[reading.name] = source
    }
    count(messages, unattributed, now, &findings)
    return findings
  }

  // MARK: Silence

  private mutating func listen(
    _ reading: Reading, _ source: inout Source, _ now: Instant, _ findings: inout [Finding]
  ) {
    if reading.fault == nil {
      source.faultSince = nil
    } else if source.faultSince == nil {
      source.faultSince = now
    }
    let isAway = source.faultSince.map { now - $0 >= limits.away } ?? false
    report(
      "away \(reading.name)", isAway, "\(reading.fault ?? ""); nothing is seen there meanwhile",
      over: "\(reading.name) can be read again", &findings)
    if reading.lines != source.lastLines {
      (source.lastLines, source.heardAt) = (reading.lines, now)
    }
    let limit =
      limits.silenceOf[reading.name] ?? (reading.maySilent ? .zero : limits.silence)
    let isSilent = limit > .zero && !isAway && now - source.heardAt >= limit
    report(
      "silent \(reading.name)", isSilent,
      "\(reading.name) has had no line for \(limit); see whether its writer still runs and writes there",
      over: "\(reading.name) has lines again", &findings)
  }

  // MARK: Shares

  private mutating func weigh(
    _ reading: Reading, _ source: inout Source, _ now: Instant, _ findings: inout [Finding]
  ) {
    let lines = reading.lines - source.begun.lines
    let strange = reading.strangeLines - source.begun.strangeLines
    let events = reading.events - source.begun.events
    // A quiet source goes on collecting until there is enough to judge.
    guard lines >= Self.fewLines else { return }
    report(
      "strange \(reading.name)", Double(strange) > limits.unreadable * Double(lines),
      "\(reading.name): \(strange) of the last \(lines) lines are of no known form; "
        + "see what has changed in the writer's log format",
      over: "\(reading.name): lines are of a known form again", &findings)
    // A tenth of what it was: the lines have their form, and no longer say what they said.
    let usual = source.lines > 10 * Self.fewLines ? Double(source.events) / Double(source.lines) : 0
    let isMute = Double(events) < usual * Double(lines) / 10
    report(
      "mute \(reading.name)", isMute,
      "\(reading.name): only \(events) of the last \(lines) lines tell something, which were "
        + "\(Int(usual * 100)) in a hundred before; see what has changed in the writer's log format",
      over: "\(reading.name): lines tell something again", &findings)
    if !isMute {
      source.lines += lines
      source.events += events
    }
    (source.begun, source.begunAt) = (reading, now)
  }

  private mutating func count(
    _ messages: Int, _ unattributed: Int, _ now: Instant, _ findings: inout [Finding]
  ) {
    guard let before = outgoing else {
      outgoing = (messages, unattributed, now)
      return
    }
    let new = messages - before.messages
    guard now - before.at >= TimeSpan(seconds: 3600), new >= Self.fewMessages else { return }
    let nobodys = unattributed - before.unattributed
    report(
      "unattributed", Double(nobodys) > limits.unattributed * Double(new),
      "\(nobodys) of the last \(new) messages are nobody's: whoever sends them cannot be stopped; "
        + "see that the logs of all submission services are read",
      over: "messages have senders again", &findings)
    outgoing = (messages, unattributed, now)
  }

  private mutating func report(
    _ about: String, _ isSo: Bool, _ text: String, over: String, _ findings: inout [Finding]
  ) {
    if isSo, standing.insert(about).inserted {
      findings.append(Finding(text: text, isAlert: true))
    } else if !isSo, standing.remove(about) != nil {
      findings.append(Finding(text: over, isAlert: false))
    }
  }
}
