import Engine
import Events
import Testing

private let dora = "dora@suedlicht.example"
private let info = "info@suedlicht.example"

extension Host {
  fileprivate func login(_ account: String, from address: String, service: String = "imap") {
    story.log(
      "dovecot",
      "\(service)-login: Login: user=<\(account)>, method=PLAIN, rip=\(address), lip=192.0.2.1, mpid=1, TLS, session=<\(story.now.seconds)>"
    )
    readOn()
  }

  /// A mailbox that is known here for long, so that a new place is one.
  fileprivate func settle(_ account: String) {
    _ = story.submit(account, from: "192.0.2.77")
    story.wait(20 * 86_400)
    _ = story.submit(account, from: "192.0.2.77")
    readOn()
  }
}

@Suite struct `The thief of a case` {
  /// He was at work until the suspension, and a database does not say from where a password was changed.
  @Test(arguments: [(300, true), (700, false)])
  func `renews nothing right after he was stopped`(seconds: Int64, isRefused: Bool) {
    let host = Host()
    host.steal(dora)
    host.story.wait(seconds)
    host.change(dora)
    #expect(host.engine.stopped.isEmpty != isRefused)
    #expect(host.actions().contains(.unverified) == isRefused)
  }

  /// The database was away, or the service: the change is seen two hours later, and may be of any time since the last
  /// look.
  @Test(arguments: [(60, true), (1200, false)])
  func `renews nothing that may have been just after him`(seconds: Int64, isRefused: Bool) {
    let host = Host()
    host.steal(dora)
    let stopped = host.story.now
    host.story.wait(7200)
    host.change(dora, earliest: stopped + TimeSpan(seconds: seconds))
    #expect(host.engine.stopped.isEmpty != isRefused)
    #expect(host.actions().contains(.unverified) == isRefused)
  }

  @Test func `is known though IPv6 changes his address`() {
    let host = Host()
    host.steal(dora, from: "2001:db8:7:1::aa")
    host.story.wait(3600)
    host.change(dora, from: "2001:db8:7:1:c0de::5")
    #expect(host.actions().last == .unverified)
    let other = Host()
    other.steal(dora, from: "2001:db8:7:1::aa")
    other.story.wait(3600)
    other.change(dora, from: "2001:db8:7:2::aa")
    #expect(other.engine.stopped.isEmpty)
  }

  @Test func `is known where a person stopped the account`() {
    let host = Host()
    host.settle(dora)
    host.login(dora, from: "203.0.113.9")
    #expect(host.obey(.suspend, dora) == nil)
    host.story.wait(3600)
    host.change(dora, from: "203.0.113.9")
    #expect(host.actions().last == .unverified)
    // From its own old place the customer may.
    let own = Host()
    own.settle(dora)
    #expect(own.obey(.suspend, dora) == nil)
    own.story.wait(3600)
    own.change(dora, from: "192.0.2.77")
    #expect(own.engine.stopped.isEmpty)
  }

  @Test func `who tries a colleague's mailbox after it makes that one renew too`() {
    let host = Host(needsReport: true)
    host.settle(info)
    host.steal(dora)
    #expect(host.renewals.map(\.mailbox) == [dora])
    host.login(info, from: "203.0.113.9")
    #expect(host.renewals.map(\.mailbox) == [dora, info])
    host.story.wait(3600)
    // At its own place the colleague is no thief.
    host.login(info, from: "192.0.2.77")
    for mailbox in [dora, info] { host.change(mailbox) }
    host.report(1)
    #expect(host.engine.stopped.isEmpty)
  }

  @Test func `reads a contact's mailbox too, where he has logged in to it`() throws {
    let host = Host()
    let reseller = "anna@nordwind.example"
    host.settle(reseller)
    host.steal(dora)
    #expect(!host.isInside(reseller, of: 1))
    host.login(reseller, from: "203.0.113.9")
    #expect(host.isInside(reseller, of: 1))
  }

  /// Two cases of a customer from two addresses of one network: no incident, yet both ask for a third mailbox.
  @Test func `leaves nobody shut when a mailbox that two cases ask for is renewed`() {
    let host = Host()
    let shop = "shop@suedlicht.example"
    host.settle(shop)
    host.login(shop, from: "203.0.113.5")
    host.steal(dora, from: "203.0.113.9")
    host.steal(info, from: "203.0.113.77")
    #expect(!host.actions(2).contains(.incident))
    host.story.wait(3600)
    for mailbox in [shop, dora, info] { host.change(mailbox) }
    #expect(host.engine.stopped.isEmpty)
  }
}

@Suite struct `A website's case` {
  private func broken() -> Host {
    let host = Host(needsReport: true)
    #expect(host.obey(.suspend, "uid:5012") == nil)
    return host
  }

  @Test func `is not ended by the customer's word`() {
    let host = broken()
    host.report(1)
    #expect(host.engine.stopped.map(\.subject) == ["uid:5012"])
    #expect(host.engine.cases[1].state == .verified)
    #expect(host.engine.transitions.last?.reason.contains("staff must look") == true)
    #expect(host.obey(.restore, "uid:5012") == nil)
    #expect(host.engine.stopped.isEmpty)
  }
}

@Suite struct `A report by the form` {
  @Test func `of an earlier case says nothing of a later one`() {
    let host = Host(needsReport: true)
    host.steal(dora)
    #expect(host.obey(.restore, dora) == nil)
    host.steal(dora, from: "198.51.100.7")
    #expect(host.engine.cases[2].state == .suspended)
    host.report(1)
    #expect(!host.actions(2).contains(.reported))
  }
}

@Suite struct `The brakes` {
  @Test func `are told of once an hour for each account, however much it goes on`() {
    let host = Host()
    for name in 0..<8 { host.steal("konto\(name)@nordwind.example") }
    let told = { host.engine.transitions.count { $0.action == .braked } }
    let before = told()
    #expect(before > 0)
    for _ in 0..<3 { for name in 0..<8 { host.steal("konto\(name)@nordwind.example") } }
    #expect(told() - before <= 8)
  }

  @Test
  func `are remembered where the state is made of the ledger: what they held is suspended later`() {
    let host = Host()
    for name in 0..<8 { host.steal("konto\(name)@nordwind.example") }
    let held = host.engine.stopped.filter(\.isHeld).map(\.subject)
    #expect(!held.isEmpty)
    let again = Host(decidesFrom: host.story.now)
    again.warmUp(host.story.lines, host.engine.transitions)
    again.story.now = host.story.now
    for _ in 0..<5 {
      again.story.wait(3700)
      again.engine.take(.tick(again.story.now))
    }
    let suspended = Set(again.engine.stopped.filter { !$0.isHeld }.map(\.subject))
    #expect(suspended.isSuperset(of: held))
  }
}
