import Events
import Foundation
import Testing
import Web

@Suite struct `What a visitor may do` {
  @Test(
    arguments: [
      (nil, [], nil), ("192.0.2.1", ["203.0.113.5"], "192.0.2.1"),
      ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
      ("10.0.0.1", ["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
      ("10.0.0.1", ["198.51.100.1", "203.0.113.5:4711"], "203.0.113.5"),
      ("10.0.0.1", ["203.0.113.5, 10.0.0.7"], "203.0.113.5"),
      ("10.0.0.1", ["[2001:db8::5]:443"], "2001:db8::5"),
      ("10.0.0.1", ["<script>"], "10.0.0.1"), ("10.0.0.1", [], "10.0.0.1"),
      ("2001:db8:1::1", ["203.0.113.5"], "203.0.113.5"), (nil, ["203.0.113.5"], "203.0.113.5"),
      ("10.0.0.1", ["203.0.113.5, unknown"], "10.0.0.1"),
    ] as [(String?, [String], String?)])
  func `is counted for his own address, and only our proxy may name it`(
    peer: String?, forwarded: [String], client: String?
  ) {
    let rule = ClientAddress(
      proxies: ["10.0.0.0/24", "2001:db8:1::/48"].compactMap { AddressRange($0) })
    let found = rule.of(peer: peer.flatMap { NetworkAddress($0) }, forwarded: forwarded)
    #expect(found == client.flatMap { NetworkAddress($0) })
  }

  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
    ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
    ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "2001:db8::1", false),
    ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
    ("2001:db8::/96", "2001:db8::1:2", true), ("2001:db8::/96", "2001:db8::1:0:2", false),
    ("::/0", "2001:db8::1", true),
  ])
  func `belongs to a network`(range: String, address: String, belongs: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(NetworkAddress(address)!) == belongs)
  }

  @Test(arguments: [
    "", "x", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2.0/8/8", "::/129",
  ])
  func `is no network`(text: String) { #expect(AddressRange(text) == nil) }

  @Test func `may ask so often, and again when time has passed`() {
    var buckets = TokenBuckets(burst: 3, perSecond: 0.5)
    let now = Instant(seconds: 1_800_000_000)
    let one = NetworkAddress("192.0.2.1")
    let other = NetworkAddress("192.0.2.2")
    #expect((0..<5).map { _ in buckets.take(one, at: now) } == [true, true, true, false, false])
    let isAllowed = buckets.take(other, at: now)
    #expect(isAllowed)
    // A clock that is set back gives nothing.
    let later = [1, 2, 2, -3600].map { buckets.take(one, at: now + TimeSpan(seconds: $0)) }
    #expect(later == [false, true, false, false])
    // And the bucket goes on filling by the clock as it is now.
    let after = [-3599, -3598, -3597].map { buckets.take(one, at: now + TimeSpan(seconds: $0)) }
    #expect(after == [false, true, false])
  }

  @Test func `is counted by the network of an IPv6 address, and in bounded memory`() {
    var buckets = TokenBuckets(burst: 1, perSecond: 0.1, capacity: 1000)
    let now = Instant(seconds: 1_800_000_000)
    let taken = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map {
      buckets.take(NetworkAddress($0), at: now)
    }
    #expect(taken == [true, false, true])
    for number in 0..<100_000 as Range<UInt32> {
      _ = buckets.take(NetworkAddress(v4: number), at: now)
    }
    #expect(buckets.count <= 1000)
  }

  @Test func `has little more by a /48 than by a /64`() {
    var buckets = TokenBuckets(burst: 2, perSecond: 0.1)
    let taken = (0..<20).map {
      buckets.take(NetworkAddress("2001:db8:0:\($0 / 2)::1"), at: at(0))
    }
    #expect(taken == Array(repeating: true, count: 8) + Array(repeating: false, count: 12))
    let other = buckets.take(NetworkAddress("2001:db8:1::1"), at: at(0))
    #expect(other)
    // What is given back may be taken again.
    buckets.giveBack(NetworkAddress("2001:db8:0:1::1"))
    let again = buckets.take(NetworkAddress("2001:db8:0:1::1"), at: at(0))
    #expect(again)
  }

  @Test func `has so many connections by an address, by a /64 and by a /48`() throws {
    var limits = RequestLimits()
    (limits.connections, limits.siteConnections) = (2, 3)
    let count = ConnectionCount(limits, exempt: [AddressRange("10.0.0.1")!])
    func open(_ address: String) throws -> Bool {
      count.open(try #require(NetworkAddress(address)))
    }
    #expect(try (0..<3).map { _ in try open("192.0.2.1") } == [true, true, false])
    #expect(try (0..<9).allSatisfy { _ in try open("10.0.0.1") })
    #expect(try (1...3).map { try open("2001:db8::\($0)") } == [true, true, false])
    #expect(try (1...3).map { try open("2001:db8:0:\($0)::1") } == [true, false, false])
    #expect(try open("2001:db8:1::1"))
    count.close(NetworkAddress("2001:db8::1")!)
    #expect(try open("2001:db8:0:2::1"))
    #expect(try !open("2001:db8::1"))
  }

  @Test(
    arguments: [
      (nil, nil, Language.english), ("de", "en", .german), ("xx", "de", .german),
      (nil, "de", .german), (nil, "de-DE,de;q=0.9,en;q=0.8", .german), (nil, "en-GB, de", .english),
      (nil, "de;q=0.2, en;q=0.3", .english), (nil, "fr", .english), (nil, ";;,,q=", .english),
      (nil, "de;q=0", .english), ("<script>", nil, .english),
    ] as [(String?, String?, Language)])
  func `is spoken to in his language`(chosen: String?, accepted: String?, language: Language) {
    #expect(Language(chosen: chosen, accepted: accepted) == language)
  }
}

@Suite struct `A stranger's text` {
  @Test(arguments: [
    ("anna@nordwind.example", "anna@nordwind.example"), ("a\u{202E}b", "a{202E}b"),
    ("a\u{0}\u{7F}\u{85}b", "a{0}{7F}{85}b"), ("a\r\nb", "a{D}{A}b"), ("\u{FEFF}x", "{FEFF}x"),
    ("e\u{0301}", "é"), ("x\u{0336}", "x{336}"), ("שלום", "שלום"), ("a\u{200D}b", "a{200D}b"),
  ])
  func `hides nothing`(text: String, shown: String) { #expect(Shown.text(text) == shown) }

  @Test func `ends`() {
    #expect(Shown.text(String(repeating: "w", count: 1000), limit: 5) == "wwwww…")
    #expect(Shown.text("wwwww", limit: 5) == "wwwww")
  }

  @Test func `is no markup, whatever mark follows the sign`() {
    #expect(
      ScalarEscape().escapeText("<b>\"\u{0301}'\u{0302}&\u{0303}")
        == "&lt;b&gt;&quot;\u{0301}&#39;\u{0302}&amp;\u{0303}")
  }

  @Test func `and our numbers are read at a glance`() {
    #expect(NumberText.grouped(1_234_567) == "1,234,567")
    #expect(NumberText.grouped(-999) == "-999")
    #expect(NumberText.counted(1, "mail") == "1 mail" && NumberText.counted(0, "mail") == "0 mails")
    #expect(NumberText.counted(1234, "address", "addresses") == "1,234 addresses")
    #expect(NumberText.percent(0.0345) == "3.5 %")
    #expect(Shown.size(999) == "999 B" && Shown.size(1_250_000) == "1.2 MB")
    #expect(Shown.age(TimeSpan(seconds: 7200)) == "2 h ago")
    #expect(Shown.age(TimeSpan(seconds: -5)) == "0 s ago")
    let times = ShownTime(zone: TimeZone(identifier: "Europe/Berlin")!)
    let time = Instant(rfc3339: "2026-07-01T22:30:00Z")!
    #expect(times.text(time, .german) == "02.07.2026, 00:30 Uhr")
    #expect(times.short(time, now: time) == "00:30")
    #expect(times.short(time, now: time + TimeSpan(seconds: 86_400)) == "2 Jul 00:30")
  }
}
