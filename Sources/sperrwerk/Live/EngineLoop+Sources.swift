import Collectors
import Engine
import Events

/// What other tasks ask of the mail system and bring to the loop.
extension EngineLoop {
  /// The queue's name among the engine's files.
  static let queueName = "postqueue -j"

  func take(_ batch: QueueBatch) -> QueueReading {
    guard engine.countsQueue else { return QueueReading() }
    let index = engine.fileIndex(of: Self.queueName)
    var reading = QueueReading()
    reading.strange = batch.read { event, line in
      reading.messages += 1
      feed(event, line, from: index)
    }
    return reading
  }

  func take(_ outcome: QueuePoll.Outcome) {
    if let fault = outcome.fault, fault != queueFault { LiveLog.say("ALERT: \(fault)") }
    if outcome.fault == nil, queueFault != nil { LiveLog.say("the queue can be read again") }
    queueFault = outcome.fault
  }
}
