import Foundation
import Synchronization

/// A thread that may wait in a system call as long as it likes.
enum LoopThread {
  static func start(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = "engine"
    thread.stackSize = 8 << 20
    thread.start()
  }
}

/// The loop, until its thread takes it: from then on nobody else can touch it.
final class LoopHandover: Sendable {
  private let loop: Mutex<EngineLoop?>

  init(_ loop: sending EngineLoop) { self.loop = Mutex(loop) }

  /// On a thread of its own, until it has ended.
  func run() async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      start { done.resume(with: $0) }
    }
  }

  func start(_ end: @escaping @Sendable (Result<Void, any Error>) -> Void = { _ in }) {
    LoopThread.start { [self] in
      let mine = loop.withLock { loop in
        let mine = loop
        loop = nil
        return mine
      }
      end(Result { try mine?.run() })
    }
  }
}
