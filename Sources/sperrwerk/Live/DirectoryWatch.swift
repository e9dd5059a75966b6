import Events
import ServiceLifecycle
import Synchronization

/// Sees that a table of accounts, websites or contacts was written anew, or that this host has other addresses, and has
/// them taken. A panel may write for a while: what is still changing from one look to the next is left alone.
final class DirectoryWatch: ServiceLifecycle.Service {
  private struct Mark: Equatable {
    var files: [FileMark?]
    var addresses: [AddressRange]
  }

  private struct State {
    var files: [String]
    var taken: Mark
    var last: Mark
    /// What was handed on, and when: what the loop did not take is not well, and is not tried at each look.
    var tried: (mark: Mark, at: TimeSpan)?
  }

  private let state: Mutex<State>
  private let mailbox: Mailbox
  private let every: TimeSpan
  private static let pause = TimeSpan(seconds: 3600)

  /// Before the tables are read: what changes meanwhile is seen.
  init(_ settings: LiveSettings, _ mailbox: Mailbox) {
    self.mailbox = mailbox
    every = settings.span("tables_every")
    let files = settings.tables
    let mark = Self.mark(files)
    state = Mutex(State(files: files, taken: mark, last: mark))
  }

  /// The tables may be other files. What a reload has read already is taken once more: that changes nothing.
  func reloaded(_ settings: LiveSettings) { state.withLock { $0.files = settings.tables } }

  private static func mark(_ files: [String]) -> Mark {
    Mark(files: files.map { FileMark($0) }, addresses: HostAddresses.all)
  }

  func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      while every > .zero, !Task.isCancelled {
        try? await Task.sleep(for: .microseconds(every.microseconds))
        look(at: MachineClock.steady)
      }
    }
    // The group takes a service that ends before its turn for one that failed.
    try? await gracefulShutdown()
  }

  /// - Parameter time: of a clock that nobody sets.
  func look(at time: TimeSpan) {
    let files = state.withLock { $0.files }
    let now = Self.mark(files)
    let isDue = state.withLock { state in
      defer { state.last = now }
      if now == state.taken || now != state.last { return false }
      if let tried = state.tried, tried.mark == now,
        time.microseconds - tried.at.microseconds < Self.pause.microseconds
      {
        return false
      }
      state.tried = (now, time)
      return true
    }
    guard isDue else { return }
    mailbox.send(.directory(taken: { self.state.withLock { $0.taken = now } }))
  }
}

extension LiveSettings {
  /// The tables that are written by others; what a database gave is ours.
  fileprivate var tables: [String] {
    ["accounts", "sites", "contacts"].compactMap { path($0) }
  }
}
