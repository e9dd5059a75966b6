import Events
import Policy

/// A policy with its windows as numbers of the store.
struct CompiledPolicy {
  struct Handler {
    let handler: LoadedPolicy.Handler
    let gates: [(window: Int, atLeast: Double)]
    let condition: ConditionTest
  }

  /// A handler as the engine goes through them for each event: small, and nothing of it is copied.
  struct Ask {
    let policy: Int32
    let handler: Int32
    /// The first gate, at which most events are turned away; -1 has none.
    let window: Int32
    let atLeast: Double
    let words: ConditionTest.Words
  }

  /// The handlers that events of each kind ask, for accounts and for sites.
  static func asks(_ policies: [CompiledPolicy], forSites isSite: Bool) -> [[Ask]] {
    PolicyEvent.allCases.map { event in
      policies.indices.filter { policies[$0].policy.applies(toSite: isSite) }.flatMap { place in
        policies[place].handlers[event.index].enumerated().map { number, handler in
          Ask(
            policy: Int32(place), handler: Int32(number),
            window: Int32(handler.gates.first?.window ?? -1),
            atLeast: handler.gates.first?.atLeast ?? 0, words: handler.condition.words)
        }
      }
    }
  }

  let place: Int
  let policy: LoadedPolicy
  /// The store's number of each of the policy's windows.
  let windows: [Int]
  /// Its own windows, as a bit set of numbers modulo 64.
  let windowBits: UInt64
  let handlers: [[Handler]]
  let graceOver: Handler?

  /// - Returns: the policies, and all windows without repetition.
  static func compile(_ policies: [LoadedPolicy]) -> ([CompiledPolicy], [WindowDeclaration]) {
    var declarations: [WindowDeclaration] = []
    var compiled: [CompiledPolicy] = []
    for (place, policy) in policies.enumerated() {
      let windows = policy.windows.map { window in
        if let known = declarations.firstIndex(of: window.declaration) { return known }
        declarations.append(window.declaration)
        return declarations.count - 1
      }
      compiled.append(CompiledPolicy(place, policy, windows))
    }
    return (compiled, declarations)
  }

  private init(_ place: Int, _ policy: LoadedPolicy, _ windows: [Int]) {
    self.place = place
    self.policy = policy
    self.windows = windows
    windowBits = windows.reduce(0) { $0 | 1 << UInt64($1 & 63) }
    func compile(_ handler: LoadedPolicy.Handler) -> Handler {
      Handler(
        handler: handler, gates: handler.gates.map { (windows[$0.window], $0.atLeast) },
        condition: ConditionTest(handler.condition))
    }
    handlers = PolicyEvent.allCases.map { event in
      policy.handlers.filter { $0.event == event }.map(compile)
    }
    graceOver = policy.handlers.first { $0.event == nil }.map(compile)
  }
}
