import Events
import Store
import Synchronization

/// Alerts that wait for a channel: in the ledger, so that a restart loses none; in memory while the ledger
/// takes nothing, since that is what has to be told then.
final class AlertQueue: Sendable {
  private struct Memory {
    /// Not in the ledger; their numbers are negative.
    var alerts: [Alert] = []
    var dropped: [Alert.Channel: Int] = [:]
    /// Sent, though the ledger could not note it.
    var sent: [Alert.Channel: Set<Int64>] = [:]
    var lastID: Int64 = 0
  }

  private let store: LedgerStore
  private let memory = Mutex(Memory())
  private static let most = 200

  init(store: LedgerStore) { self.store = store }

  /// Takes what was raised since the last time.
  func collect() {
    let raised = Alerts.take()
    memory.withLock { memory in
      if raised.dropped > 0 {
        for channel in Alert.Channel.allCases {
          memory.dropped[channel, default: 0] += raised.dropped
        }
      }
      for alert in raised.alerts where (try? store.raise(alert)) == nil {
        memory.lastID -= 1
        var kept = alert
        kept.id = memory.lastID
        memory.alerts.append(kept)
      }
      if memory.alerts.count > Self.most {
        let excess = memory.alerts.count - Self.most
        memory.alerts.removeFirst(excess)
        for channel in Alert.Channel.allCases { memory.dropped[channel, default: 0] += excess }
      }
    }
  }

  /// What the channel has still to send.
  func waiting(_ channel: Alert.Channel) -> (alerts: [Alert], dropped: Int) {
    let stored = (try? store.unsentAlerts(channel)) ?? (alerts: [], dropped: 0)
    return memory.withLock { memory in
      memory.dropped[channel, default: 0] += stored.dropped
      let sent = memory.sent[channel] ?? []
      let alerts = (stored.alerts + memory.alerts).filter { !sent.contains($0.id) }
      return (alerts, memory.dropped[channel] ?? 0)
    }
  }

  func sent(_ alerts: [Alert], dropped: Int, by channel: Alert.Channel) {
    let ids = alerts.map(\.id)
    memory.withLock { memory in
      memory.dropped[channel, default: 0] -= dropped
      memory.sent[channel, default: []].formUnion(ids)
      let noted = memory.sent[channel] ?? []
      if (try? store.sent(noted.filter { $0 > 0 }, by: channel)) != nil {
        memory.sent[channel] = noted.filter { $0 < 0 }
      }
    }
  }

  /// The channel is not set up.
  func skip(_ channel: Alert.Channel) {
    try? store.skipAlerts(channel)
    memory.withLock { memory in
      memory.dropped[channel] = 0
      memory.sent[channel, default: []].formUnion(memory.alerts.map(\.id))
    }
  }
}
