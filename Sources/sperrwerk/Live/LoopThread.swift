import Foundation

/// A thread that may wait in a system call as long as it likes.
enum LoopThread {
  static func start(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = "engine"
    thread.stackSize = 8 << 20
    thread.start()
  }
}
