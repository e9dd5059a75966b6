import Collectors
import Engine
import Events
import Policy
import Testing

private let dora = "dora@suedlicht.example"

@Suite struct `The way back` {
  @Test func `tells the customer when the suspension has taken effect, and once`() {
    let host = Host()
    host.steal(dora)
    #expect(!host.actions().contains(.notify))
    host.done(.suspend)
    host.done(.suspend)
    host.done(.notify)
    // A list of cases says why, and not what was done about it.
    let reason = host.engine.summary(1).reason
    #expect(reason.contains("recipients refused"))
    host.story.wait(3600)
    host.change(dora)
    host.done(.open)
    host.done(.open)
    host.done(.notifyRestored)
    #expect(
      host.actions().filter { $0 != .hold && $0 != .alert } == [
        .suspend, .done, .notify, .done, .notified, .reported, .verified, .restore, .done,
        .notifyRestored, .done, .notified,
      ])
    #expect(host.engine.cases[1].state == .restored)
  }

  @Test func `says once an hour what fails again and again`() {
    let host = Host()
    host.steal(dora)
    for minute in 0..<120 {
      host.engine.outcome(false, of: 1, .suspend, "postmap: no rights", at: host.story.now)
      if minute == 90 {
        host.engine.outcome(false, of: 1, .suspend, "postmap: disk full", at: host.story.now)
      }
      host.story.wait(60)
    }
    #expect(host.actions().count { $0 == .failed } == 3)
  }

  @Test func `says nothing of an end where nobody heard of the beginning`() {
    let host = Host()
    #expect(host.obey(.hold, dora) == nil)
    host.done(.hold)
    #expect(host.obey(.release, dora) == nil)
    host.done(.open)
    #expect(!host.actions().contains(.notify) && !host.actions().contains(.notifyRestored))
  }

  @Test func `waits for the customer's word where the settings want it`() {
    let host = Host(needsReport: true)
    host.steal(dora)
    host.story.wait(3600)
    host.change(dora)
    #expect(host.actions().last == .renewed)
    host.report(1)
    host.report(1)
    host.report(7)
    #expect(host.actions().count { $0 == .reported } == 1)
    #expect(host.engine.cases[1].state == .restored)
  }

  @Test func `opens an incident of three mailboxes only when all three are renewed`() {
    let host = Host(needsReport: true)
    let all = [dora, "info@suedlicht.example", "shop@suedlicht.example"]
    for login in all { host.steal(login) }
    #expect(host.engine.stopped.map(\.subject) == all)
    #expect(host.renewals.map(\.mailbox) == all)
    host.story.wait(3600)
    host.report(3)
    for login in all.dropLast() { host.change(login) }
    #expect(host.engine.stopped.count == 3)
    #expect(host.renewals.map(\.isRenewed) == [true, true, false])
    #expect(host.engine.transitions.last?.reason.contains("still missing: shop@") == true)
    host.change(all[2])
    #expect(host.engine.stopped.isEmpty)
  }

  @Test func `does without a mailbox that an operator waives`() {
    let host = Host(needsReport: true)
    for login in [dora, "info@suedlicht.example"] { host.steal(login) }
    host.story.wait(3600)
    host.change(dora)
    host.report(1)
    #expect(host.obey(.waive, "anna@nordwind.example")?.contains("is not suspended") == true)
    #expect(host.obey(.waive, "INFO@suedlicht.example") == nil)
    #expect(host.engine.stopped.isEmpty)
    #expect(host.engine.transitions.contains { $0.action == .waive && $0.actor == "uid 0" })
  }

  /// - Parameter isSharing: the thief's place is new to it, so that the other case asks for its password too.
  @Test(arguments: [Engine.Order.restore, .dismiss], [true, false])
  func `goes on without a mailbox that staff open`(order: Engine.Order, isSharing: Bool) {
    let host = Host(needsReport: true)
    let info = "info@suedlicht.example"
    if isSharing {
      _ = host.story.submit(info, from: "192.0.2.77")
      host.story.wait(20 * 86_400)
      _ = host.story.submit(info)
    }
    host.steal(dora)
    #expect(host.renewals.map(\.mailbox) == (isSharing ? [dora, info] : [dora]))
    host.steal(info)
    host.story.wait(3600)
    host.change(dora)
    host.report(1)
    #expect(host.engine.stopped.count == 2)
    #expect(host.obey(order, info) == nil)
    #expect(host.engine.stopped.isEmpty)
    #expect(host.actions().suffix(2) == [.verified, .restore])
  }

  @Test func `asks again for what staff have opened when the thief comes back to it`() {
    let host = Host(needsReport: true)
    let info = "info@suedlicht.example"
    _ = host.story.submit(info, from: "192.0.2.77")
    host.story.wait(20 * 86_400)
    for login in [dora, info, "shop@suedlicht.example"] { host.steal(login) }
    #expect(host.obey(.restore, info) == nil)
    let left = [dora, "shop@suedlicht.example"]
    #expect(host.renewals.map(\.mailbox) == left)
    let again = Host(needsReport: true, decidesFrom: host.story.now)
    again.warmUp(host.story.lines, host.engine.transitions.filter { $0.caseNumber != nil })
    #expect(again.renewals.map(\.mailbox) == left)
    host.story.wait(3600)
    _ = host.story.submit(info)
    host.readOn()
    #expect(host.renewals.map(\.mailbox) == [dora, info, "shop@suedlicht.example"])
  }

  @Test func `asks for the password of a colleague that the thief has been in as well`() {
    let host = Host(needsReport: true)
    let info = "info@suedlicht.example"
    // A mailbox of the same customer from the same new place, without any spam.
    _ = host.story.submit(info, from: "192.0.2.77")
    host.story.wait(20 * 86_400)
    _ = host.story.submit(info, from: "203.0.113.9")
    host.steal(dora)
    #expect(host.renewals.map(\.mailbox) == [dora, info])
    host.story.wait(3600)
    host.change(dora)
    host.report(1)
    #expect(host.engine.stopped.count == 1)
    // From the thief's own address: refused, and from then on staff must restore.
    host.change(info, from: "203.0.113.9")
    #expect(host.actions().last == .unverified)
    host.change(info)
    #expect(host.engine.stopped.count == 1)
    #expect(host.engine.transitions.last?.reason.contains("staff must restore") == true)
  }

  @Test(arguments: [true, false])
  func `is closed to a thief who changes the password himself`(byAddress: Bool) {
    let host = Host(needsReport: true)
    host.steal(dora)
    host.story.wait(3600)
    if byAddress {
      host.change(dora, from: "203.0.113.9")
    } else {
      host.story.log(
        "dovecot",
        "imap-login: Login: user=<\(dora)>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, mpid=1, TLS, session=<a>"
      )
      host.story.wait(300)
      host.change(dora)
    }
    #expect(host.actions().last == .unverified)
    host.report(1)
    host.story.wait(86_400)
    // Nor may he from elsewhere, later.
    host.change(dora, from: "192.0.2.200")
    #expect(host.engine.stopped.count == 1)
    #expect(host.obey(.restore, dora) == nil)
    #expect(host.engine.stopped.isEmpty)
  }

  /// A database is asked now and then: what it says of a change is older than its being heard of.
  @Test(arguments: [(590, true), (610, false)])
  func `counts the minutes after the thief's login by the change's own time`(
    seconds: Int64, isSuspicious: Bool
  ) {
    let host = Host()
    host.steal(dora)
    host.story.wait(3600)
    host.story.log(
      "dovecot",
      "imap-login: Login: user=<\(dora)>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, mpid=1, TLS, session=<a>"
    )
    let login = host.story.now
    host.story.wait(7200)
    host.change(dora, at: login + TimeSpan(seconds: seconds))
    #expect(host.engine.stopped.isEmpty != isSuspicious)
  }

  @Test func `asks the sources for every mailbox that must renew, also one without a case`() {
    let host = Host()
    let info = "info@suedlicht.example"
    _ = host.story.submit(info, from: "192.0.2.77")
    host.story.wait(20 * 86_400)
    _ = host.story.submit(info, from: "203.0.113.9")
    host.steal(dora)
    #expect(host.engine.awaitedRenewals.map(\.account) == [dora, info])
    #expect(host.engine.awaitedRenewals.map(\.caseNumber) == [1, 1])
    host.steal(info)
    #expect(host.engine.awaitedRenewals.map(\.account) == [dora, info])
    #expect(host.engine.awaitedRenewals.map(\.caseNumber) == [1, 2])
  }

  @Test func `is opened by staff alone after a relapse`() {
    let host = Host()
    host.steal(dora)
    host.story.wait(3600)
    host.change(dora)
    #expect(host.engine.stopped.isEmpty)
    host.story.wait(3600)
    host.steal(dora, from: "198.51.100.7")
    #expect(host.engine.stopped.count == 1)
    host.story.wait(3600)
    host.change(dora)
    #expect(host.engine.stopped.count == 1)
    #expect(host.engine.cases[2].state == .verified)
    #expect(
      host.engine.transitions.last { $0.action == .alert }?.reason.contains(
        "a relapse within the probation") == true)
  }

  @Test func `is known again from the ledger`() {
    let host = Host(needsReport: true)
    for login in [dora, "info@suedlicht.example"] { host.steal(login) }
    host.done(.suspend)
    host.done(.notify)
    host.story.wait(3600)
    host.change(dora)
    host.report(1)
    let again = Host(needsReport: true, decidesFrom: host.story.now)
    again.warmUp(host.story.lines, host.engine.transitions.filter { $0.caseNumber != nil })
    #expect(again.engine.cases[1].state == .reported)
    #expect(again.engine.stopped.map(\.subject) == host.engine.stopped.map(\.subject))
    #expect(
      again.renewals.filter(\.isRenewed).map(\.mailbox)
        == host.renewals.filter(\.isRenewed).map(\.mailbox))
  }

  @Test func `counts no notice of ours as anybody's mail`() {
    let host = Host()
    for number in 0..<60 {
      let id = String(0xC0000 + number, radix: 16, uppercase: true) + "FB0"
      host.story.log("postfix/pickup[1]", "\(id): uid=990 from=<>")
      host.story.log("postfix/qmgr[1]", "\(id): from=<>, size=900, nrcpt=1 (queue active)")
      host.story.result(
        id, "x\(number)@d\(number % 9).example", status: "bounced",
        "host mx said: 554 5.7.1 spam detected")
      host.story.wait(5)
    }
    host.readOn()
    #expect(host.engine.transitions.isEmpty && host.engine.outgoing.messages == 0)
    let number = host.engine.caseNumber(of: "uid:990")
    #expect(number == nil)
  }
}

@Suite struct `A notice's contacts` {
  @Test func `are tried up the tree, and marked where the thief may read them`() throws {
    let host = Host()
    host.steal(dora)
    host.steal("info@suedlicht.example")
    let facts = try #require(host.facts(1))
    #expect(facts.subject == dora && facts.policy == "rejections" && facts.language == "de")
    #expect(facts.networks == ["203.0.113.0/24"])
    #expect(facts.mailboxes == [dora, "info@suedlicht.example"])
    #expect(
      facts.contacts == [
        .init(address: "chef@ausserhalb.example", language: "de", isInside: false),
        // No mailbox that the table knows: it may be an alias of any.
        .init(address: "buero@suedlicht.example", language: "de", isInside: true),
        .init(address: "support@reisser.example", language: "en", isInside: false),
      ])
    #expect(
      try #require(host.facts(2)).contacts.first?.isInside == true)
    #expect(host.facts(3) == nil)
  }

  @Test func `that reach a mailbox of the incident by another name are inside too`() throws {
    let host = Host()
    host.steal("info@suedlicht.example")
    host.steal("shop@suedlicht.example")
    let contacts = try #require(host.facts(2)).contacts
    #expect(contacts.first { $0.address == "info+x@suedlicht.example" }?.isInside == true)
    #expect(contacts.first?.address == "-f@x.example")
  }

  @Test func `of the same customer are outside while nothing is known against them`() throws {
    let host = Host()
    host.steal("info@suedlicht.example")
    let facts = try #require(host.facts(1))
    #expect(facts.contacts.first == .init(address: dora, language: "de", isInside: false))
  }

  @Test func `behind an alias of several mailboxes are inside where one of them is`() throws {
    let host = Host()
    host.steal("shop@suedlicht.example")
    // A domain that only an alias or the column names is ours too.
    #expect(host.isInside("team@alias.example", of: 1))
    #expect(host.isInside("niemand@alias.example", of: 1))
    #expect(host.isInside("x@nur-domain.example", of: 1))
    #expect(!host.isInside("x@ausserhalb.example", of: 1))
  }

  @Test func `of a login that is no address are inside where nothing names its domain`() {
    let host = Host()
    #expect(host.obey(.suspend, "web12p3") == nil && host.obey(.suspend, "web12p4") == nil)
    #expect(host.isInside("x@anderswo.example", of: 1))
    #expect(!host.isInside("x@anderswo.example", of: 2))
  }

  @Test func `are counted where there is none outside`() {
    var directory = Directory()
    directory.readAccounts(
      CSVTable(
        Array(
          """
          account,contact,aliases
          a@x.example,a@x.example,
          b@x.example,post@x.example,post@x.example
          c@x.example,niemand@x.example,
          d@x.example,a@x.example,
          e@x.example,e@y.example,
          f@x.example,,
          web1p1,g@y.example,
          """.utf8)), file: "accounts.csv")
    #expect(
      directory.accountsWithoutOutsider == [
        "a@x.example", "b@x.example", "c@x.example", "f@x.example", "web1p1",
      ])
  }

  @Test func `need a name in their table`() {
    var directory = Directory()
    directory.readContacts(
      CSVTable(Array("customer,contact\nx,\n,a@b.example\nx,c@d.example\n".utf8)), file: "c.csv")
    #expect(directory.faults.count == 2)
    #expect(directory.faults[0].hasPrefix("c.csv:2: names no contact"))
    #expect(directory.customerContacts["x"]?.map(\.address) == ["c@d.example"])
  }
}
