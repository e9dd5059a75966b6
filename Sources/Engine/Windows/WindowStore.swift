import Events
import Policy

/// All windows of all policies, and what each holds for each of its keys.
struct WindowStore {
  /// Buckets are numbered from 2020-09-13, so that 32 bits last until 2088.
  static let epoch: Int64 = 1_600_000_000

  private(set) var windows: [Window]
  private var keys: [WindowDeclaration.Key]
  private var spaces: [KeySpace]
  /// The windows that each kind of event may count in.
  private var counting: [[Plan]]
  private var keysOfEvent: [[WindowDeclaration.Key]]
  /// What came for shared windows in the second that is not over yet.
  private var pending: [Pending] = []
  private var second: Int32 = .min
  /// How often an event was older than a window is long, and so was not counted.
  private(set) var late = 0
  /// The present event's slot in each key space, or -1.
  private var slots = [KeySpace.Slot](repeating: -1, count: WindowDeclaration.Key.allCases.count)

  /// What counting must know of a window, apart from its state.
  private struct Plan {
    var window: Int32
    var key: WindowDeclaration.Key
    var isShared: Bool
    var words: ConditionTest.Words
    var hasMore: Bool
    /// Seconds.
    var over: Int64
  }

  private struct Pending {
    var window: Int32
    var slot: KeySpace.Slot
    var second: Int32
    var entry: Window.Entry
  }

  /// - Parameter declarations: without repetition; their places are the windows' numbers.
  init(_ declarations: [WindowDeclaration]) {
    windows = declarations.map(Window.init)
    keys = declarations.map(\.by)
    spaces = WindowDeclaration.Key.allCases.map { key in
      let longest = declarations.filter { $0.by == key }.map {
        $0.over.seconds + $0.resolution.seconds
      }
      return KeySpace(retention: Int32(clamping: longest.max() ?? 0) + 1)
    }
    counting = Self.plans(declarations)
    keysOfEvent = Self.keys(counting)
  }

  /// Takes other windows: those that are declared as before keep what they hold, others begin empty.
  /// - Returns: for each old number modulo 64 the new ones, as a bit set; nil where all keep theirs.
  mutating func adopt(_ declarations: [WindowDeclaration]) -> [UInt64]? {
    flush()
    let moved = moved(to: declarations)
    windows = declarations.map { declaration in
      windows.first { $0.declaration == declaration } ?? Window(declaration)
    }
    keys = declarations.map(\.by)
    for key in WindowDeclaration.Key.allCases {
      let longest = declarations.filter { $0.by == key }.map {
        $0.over.seconds + $0.resolution.seconds
      }
      let place = Int(key.rawValue)
      spaces[place].retention = max(
        spaces[place].retention, Int32(clamping: longest.max() ?? 0) + 1)
    }
    counting = Self.plans(declarations)
    keysOfEvent = Self.keys(counting)
    return moved
  }

  private func moved(to declarations: [WindowDeclaration]) -> [UInt64]? {
    if windows.map(\.declaration) == declarations { return nil }
    var moved = [UInt64](repeating: 0, count: 64)
    for (number, window) in windows.enumerated() {
      guard let place = declarations.firstIndex(of: window.declaration) else { continue }
      moved[number & 63] |= 1 << UInt64(place & 63)
    }
    return moved
  }

  private static func plans(_ declarations: [WindowDeclaration]) -> [[Plan]] {
    PolicyEvent.allCases.map { event in
      declarations.indices.filter { declarations[$0].event == event }.map {
        let test = ConditionTest(declarations[$0].condition)
        return Plan(
          window: Int32($0), key: declarations[$0].by, isShared: declarations[$0].by.isShared,
          words: test.words, hasMore: test.hasMore, over: declarations[$0].over.seconds)
      }
    }
  }

  private static func keys(_ counting: [[Plan]]) -> [[WindowDeclaration.Key]] {
    counting.map { plans in
      Set(plans.map(\.key)).sorted { $0.rawValue < $1.rawValue }
    }
  }

  /// Whether any window counts events of this kind.
  func counts(_ event: PolicyEvent) -> Bool { !counting[Int(event.rawValue)].isEmpty }

  /// Whether a window of this kind of event asks where an address is.
  func asksPlace(_ event: PolicyEvent) -> Bool {
    windows.contains { $0.declaration.event == event && $0.declaration.asksPlace }
  }

  // MARK: Counting

  /// Lets `fact` into every window whose condition it meets.
  /// - Parameter own: whether it may count for its subject: evidence, not what was held back.
  /// - Returns: the own windows it was counted in, as a bit set of their numbers modulo 64.
  mutating func count(
    _ fact: borrowing Fact, own: Bool, _ line: Span<UInt8>, _ subjects: borrowing Subjects
  ) -> UInt64 {
    let now = Int32(truncatingIfNeeded: fact.time.seconds - Self.epoch)
    if now > second {
      if !pending.isEmpty { flush() }
      second = now
    }
    findSlots(fact, line, subjects)
    let lateness = fact.time.seconds - fact.log.time.seconds
    var counted: UInt64 = 0
    for plan in counting[Int(fact.event.rawValue)] {
      let slot = slots[Int(plan.key.rawValue)]
      if slot < 0 || !own && !plan.isShared { continue }
      if !plan.words.hold(fact) { continue }
      if lateness > plan.over {
        late += 1
        continue
      }
      let number = Int(plan.window)
      let window = windows[number]
      if plan.hasMore, !window.condition.moreHolds(fact, line, subjects) { continue }
      guard let entry = window.entry(fact, line, subjects) else { continue }
      if plan.isShared {
        pending.append(Pending(window: plan.window, slot: slot, second: now, entry: entry))
      } else {
        window.add(entry, slot: slot, second: now)
        counted |= 1 << UInt64(number & 63)
      }
    }
    return counted
  }

  private mutating func flush() {
    for one in pending {
      windows[Int(one.window)].add(one.entry, slot: one.slot, second: one.second)
    }
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func findSlots(
    _ fact: borrowing Fact, _ line: Span<UInt8>, _ subjects: borrowing Subjects
  ) {
    for key in keysOfEvent[Int(fact.event.rawValue)] {
      slots[Int(key.rawValue)] = slot(of: key, fact, line, subjects)
    }
  }

  private mutating func slot(
    of key: WindowDeclaration.Key, _ fact: borrowing Fact, _ line: Span<UInt8>,
    _ subjects: borrowing Subjects
  ) -> KeySpace.Slot {
    let hash: UInt64
    switch key {
    case .account: return fact.isSite ? -1 : fact.subject
    case .site: return fact.isSite ? fact.subject : -1
    case .subject: return fact.subject
    case .customer: hash = fact.hash(.customer, line, subjects)
    case .reseller: hash = fact.hash(.reseller, line, subjects)
    case .clientAddress: hash = fact.hash(.clientAddress, line, subjects)
    case .clientNetwork: hash = fact.hash(.clientNetwork, line, subjects)
    case .relayDomain: hash = fact.hash(.relayDomain, line, subjects)
    // No log names the address itself: a host, and the instance of Postfix on it, stand for it.
    case .outgoingAddress:
      let host = fact.hash(.host, line, subjects)
      hash = host == 0 ? 0 : FieldHash.mix(host, fact.log.instance)
    case .everyone: return 0
    }
    return hash == 0
      ? -1 : spaces[Int(key.rawValue)].slot(hash, second: second)
  }

  // MARK: Reading

  /// A window's value for the event's own key of that kind; nil where it has none, or while warming.
  mutating func value(
    _ number: Int, _ fact: borrowing Fact, _ line: Span<UInt8>, _ subjects: borrowing Subjects
  ) -> WindowValue {
    let now = Int32(truncatingIfNeeded: fact.time.seconds - Self.epoch)
    let slot = slot(of: keys[number], fact, line, subjects)
    return slot < 0 ? .none : windows[number].value(slot: slot, second: now)
  }

  /// Whether a gate is open: the window's value has reached a number.
  @inline(__always)
  mutating func reaches(
    _ number: Int, _ atLeast: Double, _ fact: borrowing Fact, _ line: Span<UInt8>,
    _ subjects: borrowing Subjects
  ) -> Bool {
    guard let value = value(number, fact, line, subjects).asNumber else { return false }
    return value >= atLeast
  }

  // MARK: Forgetting

  /// Begins anew for a subject whose sending was restored: what the thief did is no evidence
  /// against the customer, nor does it become the customer's own habit.
  mutating func forget(subject: Int32, since: Instant) {
    for number in windows.indices where !keys[number].isShared {
      windows[number].forget(
        slot: subject, since: Int32(truncatingIfNeeded: since.seconds - Self.epoch))
    }
  }

  /// Clears what a subject's place held, so that another may have it.
  mutating func clear(subject: Int32) {
    for number in windows.indices where !keys[number].isShared {
      windows[number].clear(slot: subject)
    }
  }

  mutating func sweep(_ now: Instant) {
    flush()
    let second = Int32(truncatingIfNeeded: now.seconds - Self.epoch)
    for key in WindowDeclaration.Key.allCases where key.isShared {
      let gone = spaces[Int(key.rawValue)].sweep(second: second)
      for number in windows.indices where keys[number] == key {
        for slot in gone { windows[number].clear(slot: slot) }
      }
    }
  }

  // MARK: Bytes

  func write(to bytes: inout SnapshotWriter) {
    for space in spaces { space.write(to: &bytes) }
    bytes.append(count: windows.count)
    for window in windows {
      bytes.append(window.identity)
      var own = SnapshotWriter()
      window.write(to: &own)
      bytes.append(plain: own.bytes)
    }
    bytes.append(Int64(second))
    bytes.append(Int64(late))
    bytes.append(count: pending.count)
    for one in pending {
      bytes.append(Int64(one.window))
      bytes.append(Int64(one.slot))
      bytes.append(Int64(one.second))
      one.entry.write(to: &bytes)
    }
  }

  /// What was counted in windows that are no longer declared is dropped; new ones begin empty.
  mutating func read(from bytes: inout SnapshotReader) throws(SnapshotError) {
    for space in spaces.indices { try spaces[space].read(from: &bytes) }
    var places: [Int?] = []
    for _ in 0..<(try bytes.count()) {
      let identity = try bytes.text()
      let place = windows.firstIndex { $0.identity == identity }
      var own = SnapshotReader(try bytes.plainBytes())
      if let place { try windows[place].read(from: &own) }
      places.append(place)
    }
    second = Int32(truncatingIfNeeded: try bytes.integer())
    late = Int(try bytes.integer())
    pending = []
    for _ in 0..<(try bytes.count()) {
      let window = Int(try bytes.integer())
      let slot = KeySpace.Slot(truncatingIfNeeded: try bytes.integer())
      let second = Int32(truncatingIfNeeded: try bytes.integer())
      let entry = try Window.Entry(from: &bytes)
      guard places.indices.contains(window), let place = places[window] else { continue }
      pending.append(Pending(window: Int32(place), slot: slot, second: second, entry: entry))
    }
  }
}

extension WindowDeclaration {
  /// Whether it counts or tests countries or networks' operators.
  fileprivate var asksPlace: Bool {
    let fields: [EventField] = [.country, .asn]
    let measured: EventField? =
      switch measure {
      case .distinct(let field), .sum(let field), .last(let field), .firstSeen(let field): field
      case .baseline(let field): field
      default: nil
      }
    let tested = condition.tests.contains { test in
      switch test {
      case .texts(let field, _), .number(let field, _): fields.contains(field)
      default: false
      }
    }
    return tested || measured.map(fields.contains) ?? false
  }
}
