import Actions
import Events
import Glibc
import Store

/// Sends alerts over the second channels, each by itself, so that one that hangs delays no other and nothing
/// ever waits for them.
struct AlertTask: Sendable {
  let queue: AlertQueue
  let channels: [any AlertChannel]
  let host: String
  let isDryRun: Bool
  /// Between two mails: what comes meanwhile goes out in one.
  let mailPause: TimeSpan
  /// At most so many in one message.
  private static let most = 50

  /// Until the task is cancelled; then once more, so that a last word goes out.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for channel in channels { group.addTask { await work(channel) } }
      while !Task.isCancelled {
        collect()
        try? await Task.sleep(for: .milliseconds(500))
      }
      collect()
    }
  }

  private func collect() {
    queue.collect()
    for name in Alert.Channel.allCases where !channels.contains(where: { $0.name == name }) {
      queue.skip(name)
    }
  }

  private func work(_ channel: any AlertChannel) async {
    var pace = AlertPace(least: channel.name == .mail ? mailPause : .zero)
    while !Task.isCancelled {
      await turn(channel, &pace)
      try? await Task.sleep(for: .milliseconds(500))
    }
    queue.collect()
    // Unstructured: what is cancelled can send nothing.
    let last = pace
    await Task {
      var pace = last
      await turn(channel, &pace)
    }.value
  }

  private func turn(_ channel: any AlertChannel, _ pace: inout AlertPace) async {
    // By the steady clock: one that is set back must not silence a channel.
    guard MachineClock.steadyInstant >= pace.next else { return }
    let waiting = queue.waiting(channel.name)
    guard !waiting.alerts.isEmpty || waiting.dropped > 0 else { return }
    let alerts = Array(waiting.alerts.prefix(Self.most))
    do {
      try await channel.send(
        AlertReport(alerts: alerts, dropped: waiting.dropped, host: host, isDryRun: isDryRun),
        at: MachineClock.wall)
      queue.sent(alerts, dropped: waiting.dropped, by: channel.name)
      pace.worked(at: MachineClock.steadyInstant)
    } catch {
      if pace.failed(at: MachineClock.steadyInstant) {
        LiveLog.say("ALERT: no alert goes out by \(channel.name.rawValue): \(error)")
      }
    }
  }

  static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
