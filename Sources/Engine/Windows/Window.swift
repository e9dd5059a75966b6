import Events
import Policy

/// One declared window and its state for each key's slot.
///
/// A class, so that looking at one copies nothing; the store owns it alone.
final class Window {
  let declaration: WindowDeclaration
  /// What makes it this window, in words: by it a snapshot finds it again.
  let identity: String
  let condition: ConditionTest
  private let kind: Kind
  private let field: EventField
  private let bad: ConditionTest?
  private let steps: SequentialTest.Steps?
  private let resolution: Int32
  /// How many buckets before the present one still count.
  private let keep: Int32
  /// Buckets in one of a baseline's periods, and buckets of warm-up.
  private let period, warmUp: Int32

  /// A share is nil until so many events are in its window.
  private static let leastShared: Int64 = 10

  private enum Kind: UInt8 {
    case count, distinct, sum, share, last, firstSeen, baseline, baselineSum, sequential
  }

  // The state, by slot; only the array of the measure's own kind is filled.
  private var sums: [Buckets] = []
  private var shares: [Buckets] = []
  private var distinct: [DistinctValues] = []
  private var firstSeen: [FirstSeen] = []
  private var baselines: [Baseline] = []
  private var tests: [SequentialTest] = []
  private var lasts: [Last] = []

  private struct FirstSeen {
    var values = FirstSeenValues()
    var isNew = false
  }

  private struct Last {
    var previous = WindowValue.none
    var current = WindowValue.none
    var bucket = Int32.min
  }

  /// What one event puts into the window.
  struct Entry {
    var amount: Int32 = 1
    var hash: UInt64 = 0
    var isBad = false
    var value = WindowValue.none
  }

  init(_ declaration: WindowDeclaration) {
    self.declaration = declaration
    identity = "\(declaration)"
    condition = ConditionTest(declaration.condition)
    let resolution = Int32(clamping: max(1, declaration.resolution.seconds))
    self.resolution = resolution
    keep = Int32(clamping: declaration.over.seconds) / resolution
    period = max(keep, 86_400 / resolution)
    warmUp = 7 * 86_400 / resolution
    (kind, field) =
      switch declaration.measure {
      case .count: (.count, .kind)
      case .distinct(let field): (.distinct, field)
      case .sum(let field): (.sum, field)
      case .share: (.share, .kind)
      case .last(let field): (.last, field)
      case .firstSeen(let field): (.firstSeen, field)
      case .baseline(.none): (.baseline, .kind)
      case .baseline(.some(let field)): (.baselineSum, field)
      case .sequential: (.sequential, .kind)
      }
    switch declaration.measure {
    case .share(let good):
      bad = ConditionTest(good)
      steps = nil
    case .sequential(let test):
      bad = ConditionTest(test.bad)
      steps = SequentialTest.Steps(test)
    default:
      bad = nil
      steps = nil
    }
  }

  /// Nil where the event has no value of the field that is counted.
  @inline(__always)
  func entry(_ fact: borrowing Fact, _ line: Span<UInt8>, _ subjects: borrowing Subjects) -> Entry?
  {
    switch kind {
    case .count, .baseline: return Entry(amount: fact.log.repeated)
    case .sum, .baselineSum:
      guard let number = fact.number(field) else { return nil }
      return Entry(amount: Int32(clamping: Int64(number.rounded())))
    case .distinct, .firstSeen:
      let hash = fact.hash(field, line, subjects)
      return hash == 0 ? nil : Entry(hash: hash)
    case .last:
      guard let value = fact.value(field, line, subjects) else { return nil }
      return Entry(value: value)
    case .share, .sequential:
      return Entry(amount: fact.log.repeated, isBad: bad!.holds(fact, line, subjects))
    }
  }

  func add(_ entry: Entry, slot: KeySpace.Slot, second: Int32) {
    let bucket = bucket(second)
    let slot = Int(slot)
    switch kind {
    case .count, .sum:
      sums.reach(slot, Buckets())
      sums[slot].add(entry.amount, bucket: bucket, keep: keep)
    case .distinct:
      distinct.reach(slot, DistinctValues())
      distinct[slot].add(entry.hash, bucket: bucket, keep: keep)
    case .share:
      sums.reach(slot, Buckets())
      shares.reach(slot, Buckets())
      sums[slot].add(entry.amount, bucket: bucket, keep: keep)
      if entry.isBad { shares[slot].add(entry.amount, bucket: bucket, keep: keep) }
    case .last:
      lasts.reach(slot, Last())
      lasts[slot] = Last(previous: lasts[slot].current, current: entry.value, bucket: bucket)
    case .firstSeen:
      firstSeen.reach(slot, FirstSeen())
      firstSeen[slot].isNew = firstSeen[slot].values.add(entry.hash, bucket: bucket, keep: keep)
    case .baseline, .baselineSum:
      baselines.reach(slot, Baseline())
      baselines[slot].add(entry.amount, bucket: bucket, keep: keep, period: bucket / period)
    case .sequential:
      tests.reach(slot, SequentialTest())
      for _ in 0..<entry.amount {
        tests[slot].add(isBad: entry.isBad, steps: steps!, bucket: bucket, keep: keep)
      }
    }
  }

  func value(slot: KeySpace.Slot, second: Int32) -> WindowValue {
    let bucket = bucket(second)
    let slot = Int(slot)
    switch kind {
    case .count, .sum:
      guard slot < sums.count else { return .number(0) }
      sums[slot].expire(bucket: bucket, keep: keep)
      return .number(Double(sums[slot].total))
    case .distinct:
      guard slot < distinct.count else { return .number(0) }
      return .number(Double(distinct[slot].count(bucket: bucket, keep: keep)))
    case .share:
      guard slot < sums.count else { return .none }
      sums[slot].expire(bucket: bucket, keep: keep)
      shares[slot].expire(bucket: bucket, keep: keep)
      let all = sums[slot].total
      // Of a few events a share says nothing: it is warming.
      return all < Self.leastShared
        ? .none : .number(Double(shares[slot].total) / Double(all))
    case .last:
      guard slot < lasts.count, lasts[slot].bucket >= bucket - keep else { return .none }
      return lasts[slot].previous
    case .firstSeen:
      guard slot < firstSeen.count,
        firstSeen[slot].values.isWarm(bucket: bucket, warmUp: min(warmUp, keep), least: 20)
      else { return .none }
      return .flag(firstSeen[slot].isNew)
    case .baseline, .baselineSum:
      guard slot < baselines.count,
        let ratio = baselines[slot].ratio(
          bucket: bucket, keep: keep, period: bucket / period, warmUp: warmUp)
      else { return .none }
      return .number(ratio)
    case .sequential:
      guard slot < tests.count else { return .number(0) }
      return .number(tests[slot].value(steps: steps!, bucket: bucket, keep: keep))
    }
  }

  @inline(__always) private func bucket(_ second: Int32) -> Int32 {
    // Rounded down, also before the epoch.
    second >= 0 ? second / resolution : (second - resolution + 1) / resolution
  }

  // MARK: Forgetting

  func forget(slot: KeySpace.Slot, since second: Int32) {
    let place = Int(slot)
    switch kind {
    case .firstSeen:
      if place < firstSeen.count { firstSeen[place].values.forget(since: bucket(second)) }
    case .baseline, .baselineSum:
      if place < baselines.count { baselines[place].forget(since: bucket(second) / period) }
    default: clear(slot: slot)
    }
  }

  func clear(slot: KeySpace.Slot) {
    let slot = Int(slot)
    if slot < sums.count { sums[slot].removeAll() }
    if slot < shares.count { shares[slot].removeAll() }
    if slot < distinct.count { distinct[slot] = DistinctValues() }
    if slot < firstSeen.count { firstSeen[slot] = FirstSeen() }
    if slot < baselines.count { baselines[slot] = Baseline() }
    if slot < tests.count { tests[slot] = SequentialTest() }
    if slot < lasts.count { lasts[slot] = Last() }
  }
}

extension Array {
  /// Grows to have a place `index`.
  @inline(__always) mutating func reach(_ index: Int, _ empty: @autoclosure () -> Element) {
    if count <= index { grow(to: index, empty()) }
  }

  @inline(never) private mutating func grow(to index: Int, _ empty: Element) {
    // Not twice its size, as arrays grow by themselves: of many accounts there are many arrays.
    if index >= capacity, index > 4096 { reserveCapacity(index + index / 8) }
    while count <= index { append(empty) }
  }
}

// MARK: Bytes

extension Window {
  func write(to bytes: inout SnapshotWriter) {
    bytes.append(count: sums.count)
    for one in sums { one.write(to: &bytes) }
    bytes.append(count: shares.count)
    for one in shares { one.write(to: &bytes) }
    bytes.append(count: distinct.count)
    for one in distinct { one.write(to: &bytes) }
    bytes.append(count: firstSeen.count)
    for one in firstSeen {
      one.values.write(to: &bytes)
      bytes.append(one.isNew)
    }
    bytes.append(count: baselines.count)
    for one in baselines { one.write(to: &bytes) }
    bytes.append(count: tests.count)
    for one in tests { one.write(to: &bytes) }
    bytes.append(count: lasts.count)
    for one in lasts {
      bytes.append(one.previous)
      bytes.append(one.current)
      bytes.append(Int64(one.bucket))
    }
  }

  func read(from bytes: inout SnapshotReader) throws(SnapshotError) {
    sums = []
    for _ in 0..<(try bytes.count()) { sums.append(try Buckets(from: &bytes)) }
    shares = []
    for _ in 0..<(try bytes.count()) { shares.append(try Buckets(from: &bytes)) }
    distinct = []
    for _ in 0..<(try bytes.count()) { distinct.append(try DistinctValues(from: &bytes)) }
    firstSeen = []
    for _ in 0..<(try bytes.count()) {
      let values = try FirstSeenValues(from: &bytes)
      firstSeen.append(FirstSeen(values: values, isNew: try bytes.flag()))
    }
    baselines = []
    for _ in 0..<(try bytes.count()) { baselines.append(try Baseline(from: &bytes)) }
    tests = []
    for _ in 0..<(try bytes.count()) { tests.append(try SequentialTest(from: &bytes)) }
    lasts = []
    for _ in 0..<(try bytes.count()) {
      let previous = try bytes.value()
      let current = try bytes.value()
      lasts.append(
        Last(
          previous: previous, current: current,
          bucket: Int32(truncatingIfNeeded: try bytes.integer())))
    }
  }
}

extension Window.Entry {
  func write(to bytes: inout SnapshotWriter) {
    bytes.append(Int64(amount))
    bytes.append(bits: hash)
    bytes.append(isBad)
    bytes.append(value)
  }

  init(from bytes: inout SnapshotReader) throws(SnapshotError) {
    amount = Int32(truncatingIfNeeded: try bytes.integer())
    hash = try bytes.bits()
    isBad = try bytes.flag()
    value = try bytes.value()
  }
}

extension SnapshotWriter {
  mutating func append(_ value: WindowValue) {
    switch value {
    case .none: append(Int64(0))
    case .number(let number):
      append(Int64(1))
      append(number)
    case .flag(let flag):
      append(Int64(2))
      append(flag)
    case .text(let text):
      append(Int64(3))
      append(text)
    }
  }
}

extension SnapshotReader {
  mutating func value() throws(SnapshotError) -> WindowValue {
    switch try integer() {
    case 1: .number(try double())
    case 2: .flag(try flag())
    case 3: .text(try text())
    default: .none
    }
  }
}
