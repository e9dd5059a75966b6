import Events
import Testing

@testable import sperrwerk

@Suite struct `The engine's clock` {
  private let start = Instant(seconds: 1_800_000_000)
  private func clock() -> EngineClock { EngineClock(wall: start, steady: .zero) }
  private func span(_ seconds: Int64) -> TimeSpan { TimeSpan(seconds: seconds) }

  @Test func `goes with the machine's while nobody sets that`() {
    var clock = clock()
    #expect(clock.look(wall: start + span(60), steady: span(60)) == nil)
    #expect(clock.now == start + span(60))
    // A second of drift is taken over, backwards too, without running backwards.
    #expect(clock.look(wall: start + span(62), steady: span(61)) == nil)
    #expect(clock.now == start + span(62))
    #expect(clock.look(wall: start + span(61), steady: span(61)) == nil)
    #expect(clock.now == start + span(62))
  }

  @Test(arguments: [3600, -3600] as [Int64])
  func `takes no step, and makes up for it in stamps`(step: Int64) {
    var clock = clock()
    #expect(clock.look(wall: start + span(10 + step), steady: span(10)) == span(step))
    #expect(clock.now == start + span(10))
    #expect(clock.time(of: start + span(10 + step)) == start + span(10))
    // Set right again.
    #expect(clock.look(wall: start + span(20), steady: span(20)) == span(-step))
    #expect(clock.time(of: start + span(20)) == start + span(20))
  }

  @Test(arguments: [3600, -3600] as [Int64])
  func `comes back to the machine's by and by`(step: Int64) {
    var clock = clock()
    _ = clock.look(wall: start + span(step), steady: .zero)
    var last = clock.now
    for second in 1...40_000 as ClosedRange<Int64> {
      #expect(clock.look(wall: start + span(step + second), steady: span(second)) == nil)
      let passed = (clock.now - last).microseconds
      #expect((900_000...1_100_000).contains(passed))
      last = clock.now
      if second == 100 {
        #expect(clock.now == start + span(100 + step.signum() * 10))
      }
    }
    #expect(clock.now == start + span(step + 40_000) && clock.shift == .zero)
  }

  @Test func `lets a stamp that is ahead pull nothing with it`() {
    #expect(clock().time(of: start + span(900)) == start + span(5))
    #expect(clock().time(of: start + span(-900)) == start + span(-900))
  }

  @Test func `goes on behind the engine's time after a restart`() {
    let clock = EngineClock(wall: start, steady: .zero, engine: start + span(3600))
    #expect(clock.now == start + span(3600))
    #expect(clock.time(of: start) == start + span(3600))
  }
}
