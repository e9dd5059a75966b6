import Events
import Policy
import Testing

@testable import Engine

@Suite struct `A sliding sum` {
  @Test func `lets an event go when its bucket is older than the window`() {
    var sum = Buckets()
    sum.add(1, bucket: 100, keep: 60)
    sum.expire(bucket: 160, keep: 60)
    #expect(sum.total == 1)  // at the border: still within
    sum.expire(bucket: 161, keep: 60)
    #expect(sum.total == 0)  // one bucket later: gone
  }

  @Test func `is what a list of events gives, at every instant`() {
    var dice = SystemDice(state: 3)
    var sum = Buckets()
    var events: [(bucket: Int32, amount: Int32)] = []
    var now: Int32 = 0
    for _ in 0..<5000 {
      now += Int32.random(in: 0...9, using: &dice)
      let amount = Int32.random(in: 1...4, using: &dice)
      sum.add(amount, bucket: now, keep: 60)
      events.append((now, amount))
      events.removeAll { $0.bucket < now - 60 }
      #expect(sum.total == events.reduce(0) { $0 + Int64($1.amount) })
    }
  }

  @Test func `of bytes may be more than one entry holds, and comes down to nothing`() throws {
    var sum = Buckets()
    for _ in 0..<5 { sum.add(1_500_000_000, bucket: 100, keep: 60) }
    #expect(sum.total == 7_500_000_000)
    var writer = SnapshotWriter()
    sum.write(to: &writer)
    var reader = SnapshotReader(writer.bytes)
    #expect(try Buckets(from: &reader).total == sum.total)
    sum.expire(bucket: 161, keep: 60)
    #expect(sum.total == 0 && sum.isEmpty)
  }

  @Test func `is right however many entries have gone at once`() {
    var sum = Buckets()
    for bucket in 0..<200_000 { sum.add(1, bucket: Int32(bucket), keep: 1_000_000) }
    sum.expire(bucket: 1_199_990, keep: 1_000_000)
    #expect(sum.total == 10)
    sum.add(1, bucket: 1_199_991, keep: 1_000_000)
    #expect(sum.total == 10)
  }

  @Test func `comes back from its bytes`() throws {
    var sum = Buckets()
    for bucket in 0..<100 { sum.add(2, bucket: Int32(bucket * 3), keep: 60) }
    var writer = SnapshotWriter()
    sum.write(to: &writer)
    var reader = SnapshotReader(writer.bytes)
    #expect(try Buckets(from: &reader).total == sum.total)
    #expect(throws: SnapshotError.self) {
      var short = SnapshotReader(Array(writer.bytes.dropLast(5)))
      _ = try Buckets(from: &short)
    }
  }
}

@Suite struct `A count of different values` {
  @Test func `is exact while small, and forgets what has left`() {
    var values = DistinctValues()
    for value in 0..<200 { values.add(FieldHash.mix(UInt64(value), 1), bucket: 10, keep: 60) }
    for value in 0..<50 { values.add(FieldHash.mix(UInt64(value), 1), bucket: 50, keep: 60) }
    #expect(values.count(bucket: 50, keep: 60) == 200)
    #expect(values.count(bucket: 71, keep: 60) == 50)
    #expect(values.count(bucket: 200, keep: 60) == 0)
  }

  /// One value lies elsewhere than several, and comes to lie there and back.
  @Test(arguments: 1...5)
  func `is what a list of them says, at each step`(kinds: UInt64) throws {
    var state = kinds
    func dice(_ sides: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % sides
    }
    var (values, seen) = (DistinctValues(), [UInt64: Int32]())
    var bucket: Int32 = 100
    for step in 0..<5000 {
      bucket += Int32(dice(4))
      let hash = FieldHash.mix(dice(kinds), 1)
      values.add(hash, bucket: bucket, keep: 5)
      seen[hash] = bucket
      let expected = Int64(seen.values.count { $0 >= bucket - 5 })
      #expect(values.count(bucket: bucket, keep: 5) == expected)
      #expect(values.newest == bucket)
      if step % 500 == 0 {
        var writer = SnapshotWriter()
        values.write(to: &writer)
        var reader = SnapshotReader(writer.bytes)
        values = try DistinctValues(from: &reader)
      }
    }
  }

  @Test(arguments: [1000, 5000, 50_000])
  func `is within 15 percent when large`(number: Int) {
    var values = DistinctValues()
    for value in 0..<number { values.add(FieldHash.mix(UInt64(value), 1), bucket: 10, keep: 60) }
    let error = abs(Double(values.count(bucket: 10, keep: 60)) / Double(number) - 1)
    #expect(error < 0.15)  // three times the standard error of 4.6 %
    #expect(values.count(bucket: 71, keep: 60) == 0)
  }

  @Test func `comes back from its bytes`() throws {
    for number in [0, 1, 2, 20, 2000] {
      var values = DistinctValues()
      for value in 0..<number { values.add(FieldHash.mix(UInt64(value), 1), bucket: 10, keep: 60) }
      var writer = SnapshotWriter()
      values.write(to: &writer)
      var reader = SnapshotReader(writer.bytes)
      var restored = try DistinctValues(from: &reader)
      #expect(restored.count(bucket: 10, keep: 60) == values.count(bucket: 10, keep: 60))
    }
  }
}

@Suite struct `A sequential test` {
  let steps = SequentialTest.Steps(
    WindowDeclaration.Sequential(bad: .always, alpha: 1e-4, beta: 0.01, p0: 0.05, p1: 0.5))

  @Test func `is sure after four straight refusals`() {
    var test = SequentialTest()
    for count in 1...4 {
      test.add(isBad: true, steps: steps, bucket: 0, keep: 10)
      #expect((test.value(steps: steps, bucket: 0, keep: 10) >= 1) == (count == 4))
    }
  }

  @Test func `never condemns a newsletter with two refusals in a hundred`() {
    var test = SequentialTest()
    for number in 0..<20_000 {
      test.add(isBad: number % 50 == 7, steps: steps, bucket: 0, keep: 10)
      #expect(test.value(steps: steps, bucket: 0, keep: 10) < 1)
    }
  }

  @Test func `forgets after its window`() {
    var test = SequentialTest()
    for _ in 0..<10 { test.add(isBad: true, steps: steps, bucket: 0, keep: 10) }
    #expect(test.value(steps: steps, bucket: 11, keep: 10) == 0)
  }
}

@Suite struct `A baseline` {
  @Test func `says nothing before there is a past`() {
    var baseline = Baseline()
    baseline.add(50, bucket: 0, keep: 60, period: 0)
    #expect(baseline.ratio(bucket: 0, keep: 60, period: 0, warmUp: 10_000) == nil)
  }

  @Test func `compares with the own highest`() {
    var baseline = Baseline()
    for day in 0..<10 { baseline.add(10, bucket: Int32(day * 1440), keep: 60, period: Int32(day)) }
    baseline.add(40, bucket: 14_500, keep: 60, period: 10)
    #expect(baseline.ratio(bucket: 14_500, keep: 60, period: 10, warmUp: 10_000) == 4)
  }
}

@Suite struct `A table of queue ids` {
  private func key(_ number: Int) -> QueueTable.Key {
    QueueTable.Key(id: QueueID(high: UInt64(number), middle: 0, low: 0), server: 1)
  }

  @Test func `keeps a removed message for an hour, and forgets it then`() {
    var table = QueueTable()
    let start = Instant(seconds: 1_000_000)
    let place = table.begin(
      key(1), QueuedMessage(origin: .submitted, submittedAt: start), at: start)
    table.remove(place, at: start)
    table.sweep(start + TimeSpan(seconds: 3599))
    #expect(table.find(key(1)) != nil)
    table.sweep(start + TimeSpan(seconds: 3600))
    #expect(table.find(key(1)) == nil)
  }

  @Test func `gives a reused id a new generation`() {
    var table = QueueTable()
    let start = Instant(seconds: 1_000_000)
    let first = table.begin(
      key(1), QueuedMessage(origin: .submitted, subject: 3, submittedAt: start), at: start)
    table.remove(first, at: start)
    _ = table.begin(
      key(1), QueuedMessage(origin: .submitted, subject: 4, submittedAt: start), at: start)
    table.sweep(start + TimeSpan(seconds: 7200))
    #expect(table.find(key(1)).map { table[$0].subject } == 4)
  }

  @Test func `finds what a dictionary finds, however it is used`() {
    var dice = SystemDice(state: 11)
    var table = QueueTable(limit: 500)
    var now = Instant(seconds: 1_000_000)
    var expected: Set<Int> = []
    for _ in 0..<20_000 {
      let number = Int.random(in: 0..<300, using: &dice)
      now = now + TimeSpan(seconds: 1)
      if let place = table.find(key(number)), Bool.random(using: &dice) {
        table.remove(place, at: now)
        table.sweep(now + TimeSpan(seconds: 3600))
        expected.remove(number)
        expected = expected.filter { table.find(key($0)) != nil }
      } else {
        _ = table.begin(key(number), QueuedMessage(origin: .submitted, submittedAt: now), at: now)
        expected.insert(number)
      }
      #expect(table.count == expected.count)
    }
    for number in 0..<300 { #expect((table.find(key(number)) != nil) == expected.contains(number)) }
  }
}

/// SplitMix64: the same row in every run.
struct SystemDice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
