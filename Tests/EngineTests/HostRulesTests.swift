import Events
import Testing

@testable import Engine

@Suite struct `Trouble that everybody has` {
  @Test func `is forgotten of a provider who is not asked any more`() {
    var rules = HostRules()
    for (number, provider) in (1...100).enumerated() {
      for subject in 1...2 {
        _ = rules.judge(
          .accepted, provider: UInt64(provider), subject: Int32(subject),
          at: Instant(seconds: 1_790_000_000 + Int64(number)))
      }
    }
    rules.sweep(Instant(seconds: 1_790_003_600))
    #expect(rules.count == 100)
    rules.sweep(Instant(seconds: 1_790_014_400))
    #expect(rules.count == 0)
  }
}
