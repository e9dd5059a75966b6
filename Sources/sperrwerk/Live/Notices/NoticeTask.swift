import Actions
import Events
import Policy

/// Works the notices' orders off; a dry run only says whom it would tell.
struct NoticeTask: Sendable {
  let stream: AsyncStream<NoticeJob>
  let mailbox: Mailbox
  let notifier: Notifier?

  func run() async {
    await withTaskGroup(of: Void.self) { group in
      if let notifier {
        group.addTask {
          while !Task.isCancelled {
            await notifier.turn(at: MachineClock.unstepped)
            try? await Task.sleep(for: .milliseconds(250))
          }
        }
      }
      for await job in stream {
        switch job {
        case .begin: await notifier?.begin(at: MachineClock.unstepped)
        case .templates(let folder): await notifier?.adopt(NoticeSet(directory: folder))
        case .tell(let work):
          if let notifier {
            await notifier.take(work, at: MachineClock.unstepped)
          } else {
            mailbox.send(.outcome(work.order, isDone: true, text: Self.rehearsed(work.facts)))
          }
        }
      }
      group.cancelAll()
    }
  }

  static func rehearsed(_ facts: NoticeFacts) -> String {
    let plan = NoticePlan(facts, tried: [])
    let names = plan.recipients.map {
      $0.hasLink && facts.kind == .suspended ? "\($0.address) (with the link)" : "\($0.address)"
    }
    return "dry run: would tell \(names.isEmpty ? "nobody" : names.joined(separator: " and "))"
  }
}
