import Collectors
import Engine
import Events

/// What other tasks ask of the mail system and bring to the loop.
extension EngineLoop {
  /// The queue's name among the engine's files.
  static let queueName = "postqueue -j"

  func take(_ batch: QueueBatch) -> QueueReading {
    guard engine.countsQueue, !isStuck else { return QueueReading() }
    let index = engine.fileIndex(of: Self.queueName)
    var reading = QueueReading()
    reading.strange = batch.read { event, line in
      reading.messages += 1
      feed(event, line, from: index)
    }
    return reading
  }

  func take(_ outcome: QueuePoll.Outcome) {
    queue.fault = outcome.fault
    queue.looks += 1
  }

  /// What the last look at the queue gave.
  struct QueueState {
    var looks = 0
    var fault: String?
  }

  /// Once a second: whether all that the service lives on still speaks.
  func watchSources() {
    let outgoing = engine.outgoing
    for finding in freshness.look(
      readings, messages: outgoing.messages, unattributed: outgoing.unattributed, at: clock.now)
    {
      if finding.isAlert { Alerts.raise(finding.text) } else { LiveLog.say(finding.text) }
    }
  }

  private var readings: [Freshness.Reading] {
    var readings = sources.map { source in
      let statistics = source.log.statistics
      return Freshness.Reading(
        name: source.path, lines: statistics.lines, events: statistics.events,
        strangeLines: statistics.strangeLines + statistics.badLines,
        fault: source.log.fault.map { "\($0)" },
        maySilent: source.path == settings["password_changes"])
    }
    if queue.looks > 0 {
      readings.append(
        Freshness.Reading(
          name: Self.queueName, lines: queue.looks, fault: queue.fault, maySilent: true))
    }
    return readings
  }
}
