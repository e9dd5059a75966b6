import Actions
import Collectors
import Engine
import Events
import Glibc
import Policy
import Synchronization

/// What other tasks send to the loop. The descriptor becomes readable when something is there.
final class Mailbox: Sendable {
  enum Input: Sendable {
    case command(OperatorRequest, actor: String, reply: @Sendable (OperatorReply) -> Void)
    case outcome(Order, isDone: Bool, text: String)
    /// Sending is open, whatever becomes of the order's other steps.
    case opened(Order)
    /// A later order about the same subject came before this one was carried out.
    case overtaken(Order)
    case snapshot(SnapshotOutcome)
    /// A piece of the queue's listing; the next one comes when it has been taken.
    case queue(QueueBatch, taken: @Sendable (QueueReading) -> Void)
    case polled(QueuePoll.Outcome)
    /// Which suspended accounts wait for a new password.
    case awaited(reply: @Sendable ([AwaitedAccount]) -> Void)
    /// What there is to say of a case now; nil where it is forgotten.
    case noticeFacts(Int, reply: @Sendable (NoticeFacts?) -> Void)
    /// `taken` comes when it is written down.
    case passwordChange(SeenChange, taken: @Sendable () -> Void)
    /// Something that the operator must know.
    case alert(String)
    case reload
    /// The tables of accounts, websites or contacts are others, or this host's addresses; `taken` comes where they are
    /// well.
    case directory(taken: @Sendable () -> Void)
    case stop
  }

  /// What the tasks that ask databases and programs cannot reach.
  let faults = SourceFaults()
  /// A pipe's reading end.
  let descriptor: Int32
  private let bell: Int32
  private let waiting = Mutex<[Input]>([])

  func send(_ input: Input) {
    waiting.withLock { $0.append(input) }
    wake()
  }

  init() {
    var ends: [Int32] = [-1, -1]
    _ = unsafe pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (descriptor, bell) = (ends[0], ends[1])
  }

  func wake() {
    var byte: UInt8 = 1
    _ = unsafe write(bell, &byte, 1)
  }

  func take() -> [Input] {
    var rung = [UInt8](repeating: 0, count: 512)
    while unsafe read(descriptor, &rung, rung.count) > 0 {}
    return waiting.withLock { waiting in
      defer { waiting.removeAll() }
      return waiting
    }
  }
}
