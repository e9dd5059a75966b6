import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import Web

@Suite struct `The staff's page` {
  @Test func `shows at a glance who is stopped, why, and how the service is`() async throws {
    let desk = try Desk()
    desk.openCase(7, "dora@suedlicht.example")
    desk.house.state.withLock { state in
      state.status.suspended = 1
      state.status.pause = .init(
        since: state.time - TimeSpan(seconds: 60), actor: "uid 1000", reason: "storm")
      state.status.faults = ["the disk is full"]
      state.status.failingPolicies = [.init(name: "signs", problem: "signs.lua:3: nil")]
      state.status.sources = [
        .init(
          name: "/var/log/mail.log", lines: 12_345, lastEvent: state.time - TimeSpan(seconds: 5)),
        .init(name: "/var/log/old.log", lines: 0, lastEvent: nil, fault: "is gone"),
      ]
    }
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      let page = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
      for word in [
        "One sender is stopped", "dry run: nothing is touched",
        "by uid 1000: storm. Nothing happens by itself.",
        "the disk is full", "Policy signs fails: signs.lua:3: nil", "dora@suedlicht.example",
        "11 recipients refused", "by rejections", "1,234 mails tried since",
        "href=\"/staff/case/7\"",
        "/var/log/mail.log", "12,345", "5 s ago", "is gone", "Let all automatic actions go on",
        "426 rejections and 1 stopped senders", "value=\"suspend\"",
      ] { #expect(page.text.contains(word), "\(word)") }
      let dots = page.text.components(separatedBy: "class=\"dot\"").count - 1
      #expect(dots == 1)
    }
  }

  @Test func `shows a case with its evidence, its queue and its way back`() async throws {
    let desk = try Desk()
    desk.openCase(7, "dora@suedlicht.example")
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      let page = try await client.execute(
        uri: "/staff/case/7", method: .get, headers: [.cookie: cookie])
      for word in [
        "dora@suedlicht.example", "suspended", "rejected = 11", "mail.log:42", "status=bounced",
        "4jYSM33r03z2Q0pb", "2 kB", "554 5.7.1", "1 message, 1 on hold",
        "password not renewed yet", "203.0.113.9", "17 times", "value=\"restore\"",
        "value=\"dismiss\"", "value=\"queue-release\"", "value=\"queue-delete\"",
      ] { #expect(page.text.contains(word), "\(word)") }
      #expect(page.text.contains("id=\"queue-action\""))
      #expect(!page.text.contains("the brakes"))
      desk.house.state.withLock {
        $0.queue = QueueListing(subject: "dora@suedlicht.example", messages: [])
        $0.details[7]?.braked = "12 recipients refused"
      }
      let empty = try await client.execute(
        uri: "/staff/case/7", method: .get, headers: [.cookie: cookie])
      #expect(empty.text.contains("Nothing is queued."))
      #expect(empty.text.contains("until they allow it: 12 recipients refused"))
      #expect(!empty.text.contains("id=\"queue-action\""))
      let none = try await client.execute(
        uri: "/staff/case/8", method: .get, headers: [.cookie: cookie])
      #expect(none.status == .notFound)
    }
  }

  @Test func `offers to waive a renewal where others of the incident renew`() async throws {
    let desk = try Desk()
    desk.openCase(7, "dora@suedlicht.example")
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      func page() async throws -> String {
        try await client.execute(uri: "/staff/case/7", method: .get, headers: [.cookie: cookie])
          .text
      }
      #expect(try await !page().contains("value=\"waive\""))
      desk.house.state.withLock {
        $0.details[7]!.members.append(
          .init(caseNumber: 8, subject: "shop@suedlicht.example", state: .suspended))
      }
      #expect(try await page().contains("value=\"waive\""))
      desk.house.state.withLock { $0.details[7]!.members[0].isWaived = true }
      let waived = try await page()
      #expect(!waived.contains("value=\"waive\"") && waived.contains("needs no renewal"))
    }
  }

  @Test(arguments: [
    "suspend", "hold", "restore", "dismiss", "waive", "pause", "resume", "queue-release",
    "queue-delete",
    "queue-keep",
  ])
  func `orders what the commands do, in the name of who signed in`(command: String) async throws {
    let desk = try Desk()
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      let check = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
        .field("check")
      var headers = formType
      headers[.cookie] = cookie
      let answer = try await client.execute(
        uri: "/staff/do", method: .post, headers: headers,
        body: body([
          "check": check ?? "", "command": command, "subject": "dora@suedlicht.example",
          "reason": "asked by\r\nphone", "back": "/staff/case/7",
        ]))
      #expect(answer.status == .seeOther && answer.headers[.location] == "/staff/case/7")
      let page = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
      #expect(page.text.contains("ordered: \(command)"))
      let again = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
      #expect(!again.text.contains("ordered: \(command)"))
    }
    let order = try #require(desk.house.state.withLock { $0.orders.last })
    #expect(order.request.command.rawValue == command)
    #expect(order.request.subject == "dora@suedlicht.example")
    #expect(order.request.reason == "asked byphone")
    #expect(order.actor == "staff anna")
  }

  @Test(
    arguments: [
      (["command": "restore", "reason": " \n"], HTTPResponse.Status.seeOther, "give a reason"),
      (["command": "forget", "reason": "x"], .badRequest, ""), (["reason": "x"], .badRequest, ""),
      (["command": "restore", "reason": "x", "check": "wrong"], .forbidden, ""),
    ] as [([String: String], HTTPResponse.Status, String)])
  func `orders nothing without a reason, a known command and its own field`(
    fields: [String: String], status: HTTPResponse.Status, says: String
  ) async throws {
    let desk = try Desk()
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      let page = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
      var headers = formType
      headers[.cookie] = cookie
      let answer = try await client.execute(
        uri: "/staff/do", method: .post, headers: headers,
        body: body([
          "check": fields["check"] ?? page.field("check") ?? "",
          "command": fields["command"] ?? "", "reason": fields["reason"] ?? "",
          "back": "https://evil.example",
        ]))
      #expect(answer.status == status)
      if status == .seeOther {
        #expect(answer.headers[.location] == "/staff")
        let next = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
        #expect(next.text.contains(says))
      }
    }
    #expect(desk.house.state.withLock { $0.orders.isEmpty })
  }

  @Test(arguments: hostile) func `shows hostile texts as text`(text: String) async throws {
    let desk = try Desk()
    desk.openCase(7, text, reason: text)
    desk.house.state.withLock { state in
      state.status.faults = [text]
      state.status.sources = [.init(name: text, lines: 1, lastEvent: nil, fault: text)]
      state.details[7]!.stillTried = [.init(address: text, count: 1, last: state.time)]
    }
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      for path in ["/staff", "/staff/case/7"] {
        let page = try await client.execute(uri: path, method: .get, headers: [.cookie: cookie])
        #expect(page.status == .ok)
        // What a form sends back is the name itself, escaped and not made fit to be seen.
        let shown = page.text.replacing(/name="subject" value="[^"]*"/, with: "")
        expectHarmless(shown)
        #expect(page.headers[values: HTTPField.Name("Set-Cookie")!].isEmpty)
      }
    }
  }

  @Test func `says so when the service does not answer`() async throws {
    let desk = try Desk()
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      desk.house.state.withLock { $0.isStuck = true }
      let answer = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
      #expect(answer.status == .serviceUnavailable)
      // A page that loads itself would look like somebody who sits there.
      #expect(answer.headers[HTTPField.Name("Refresh")!] == nil)
    }
  }

  @Test func `tells open pages when something changes, until the session ends`() async throws {
    let desk = try Desk()
    var site = try desk.site()
    site.livePace = .milliseconds(5)
    try await desk.house.staff(site).test(.live) { client in
      let cookie = cookies(try await enter(client))
      async let stream = client.execute(
        uri: "/staff/live", method: .get, headers: [.cookie: cookie])
      // The pages ask twice for each look.
      while desk.house.state.withLock({ $0.asked }) < 4 { await Task.yield() }
      desk.openCase(7, "dora@suedlicht.example")
      let seen = desk.house.state.withLock { $0.asked }
      while desk.house.state.withLock({ $0.asked }) < seen + 4 { await Task.yield() }
      try desk.write("berta:\(annasHash)\n")
      let answer = try await stream
      #expect(answer.headers[.contentType] == "text/event-stream")
      #expect(answer.text.components(separatedBy: "event: change").count == 2)
    }
  }

  @Test func `keeps nobody signed in by itself`() async throws {
    let desk = try Desk()
    var site = try desk.site()
    site.livePace = .milliseconds(5)
    try await desk.house.staff(site).test(.live) { client in
      let cookie = cookies(try await enter(client))
      async let stream = client.execute(
        uri: "/staff/live", method: .get, headers: [.cookie: cookie])
      for _ in 0..<4 {
        desk.house.wait(500)
        let asked = desk.house.state.withLock { $0.asked }
        while desk.house.state.withLock({ $0.asked }) == asked, desk.house.now < at(1800) {
          await Task.yield()
        }
      }
      #expect(try await stream.text.hasPrefix(": here"))
      let page = try await client.execute(
        uri: "/staff?by=itself", method: .get, headers: [.cookie: cookie])
      #expect(page.status == .unauthorized)
    }
  }

  @Test func `loads itself anew without JavaScript, and without counting as somebody`() async throws
  {
    let desk = try Desk()
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      func page(_ path: String) async throws -> TestResponse {
        try await client.execute(uri: path, method: .get, headers: [.cookie: cookie])
      }
      #expect(try await page("/staff").text.contains("content=\"60; url=/staff?by=itself\""))
      desk.house.wait(1000)
      #expect(try await page("/staff?by=itself").status == .ok)
      desk.house.wait(1000)
      #expect(try await page("/staff?by=itself").status == .unauthorized)
    }
  }

  @Test func `is not on the form's place, nor the form on the staff's`() async throws {
    let desk = try Desk()
    try await desk.test { client in
      let form = try await client.execute(uri: "/r/\(desk.house.token(7))", method: .get)
      #expect(form.status == .notFound)
    }
    let house = House()
    try await house.form(house.site()).test(.router) { client in
      let staff = try await client.execute(uri: "/staff", method: .get, headers: html)
      #expect(staff.status == .notFound)
    }
  }
}
