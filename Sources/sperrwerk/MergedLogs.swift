import Collectors
import Events

/// Whose turn it is among several logs, by (time, place in the list): rotated files follow each other,
/// the logs of several servers interleave. A log's own time never runs backwards.
struct MergedLogs {
  struct Turn {
    var index: Int
    var time: Instant
  }

  /// Those that wait, the next one last.
  private var waiting: [Turn] = []
  private var current: Turn?

  init(_ logs: [any EventSource]) {
    for (index, log) in logs.enumerated() where log.advance() {
      insert(Turn(index: index, time: log.event.time))
    }
  }

  /// The log to read now, whose `event` is the next of all.
  mutating func next() -> Turn? {
    if let current { insert(current) }
    current = waiting.popLast()
    return current
  }

  /// Whether the log whose turn it is comes first with its next event too.
  mutating func mayGoOn(_ index: Int, _ time: Instant) -> Bool {
    current?.time = time
    guard let other = waiting.last else { return true }
    return (time, index) < (other.time, other.index)
  }

  mutating func finished() { current = nil }

  private mutating func insert(_ turn: Turn) {
    var place = waiting.count
    while place > 0, (waiting[place - 1].time, waiting[place - 1].index) < (turn.time, turn.index) {
      place -= 1
    }
    waiting.insert(turn, at: place)
  }
}
