import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import Web

@Suite struct `The staff's door` {
  @Test func `opens with name and password, and closes again`() async throws {
    try await Desk().test { client in
      let outside = try await client.execute(uri: "/staff", method: .get, headers: html)
      #expect(outside.status == .seeOther && outside.headers[.location] == "/staff/login")
      let inside = try await enter(client)
      #expect(inside.status == .seeOther && inside.headers[.location] == "/staff")
      let cookie = cookies(inside)
      let given = inside.headers[values: .setCookie].joined()
      #expect(given.contains("HttpOnly") && given.contains("SameSite=Strict"))
      let page = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
      #expect(page.status == .ok && page.text.contains("Nobody is stopped"))
      var headers = formType
      headers[.cookie] = cookie
      let wrong = try await client.execute(
        uri: "/staff/logout", method: .post, headers: headers, body: body(["check": "x"]))
      #expect(wrong.status == .forbidden)
      let out = try await client.execute(
        uri: "/staff/logout", method: .post, headers: headers,
        body: body(["check": page.field("check") ?? ""]))
      #expect(out.headers[.location] == "/staff/login")
      let after = try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie])
      #expect(after.status == .unauthorized)
    }
  }

  @Test(arguments: [86_400, -86_400])
  func `closes after half an hour of rest, whatever the clock is set to`(step: Int64) async throws {
    let desk = try Desk()
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      func ask() async throws -> HTTPResponse.Status {
        try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie]).status
      }
      desk.house.state.withLock { $0.step = TimeSpan(seconds: step) }
      if step > 0 { #expect(try await ask() == .ok) }
      desk.house.wait(1801)
      #expect(try await ask() == .unauthorized)
    }
  }

  @Test func `stays closed to wrong names and passwords, and says not which`() async throws {
    try await Desk().test { client in
      let wrong = try await enter(client, "anna", "guess")
      let nobody = try await enter(client, "berta", "storm-surge")
      for answer in [wrong, nobody] {
        #expect(answer.status == .forbidden)
        #expect(answer.text.contains("Name or password is wrong."))
        #expect(!cookies(answer).contains("sperrwerk="))
      }
    }
  }

  @Test func `lets nobody try without end`() async throws {
    let desk = try Desk()
    try await desk.test { client in
      for _ in 0..<5 { #expect(try await enter(client, "anna", "guess").status == .forbidden) }
      let late = try await enter(client)
      #expect(late.status == .tooManyRequests && late.text.contains("Too many tries"))
      desk.house.wait(30)
      #expect(try await enter(client).status == .seeOther)
    }
  }

  @Test func `asks nothing for a right password`() async throws {
    try await Desk().test { client in
      for _ in 0..<20 {
        let answer = try await enter(client)
        #expect(answer.status == .seeOther)
      }
    }
  }

  @Test func `is guessed at no more by many addresses, and stays open to who came through before`()
    async throws
  {
    let desk = try Desk()
    let said = Mutex<[String]>([])
    var site = try desk.site()
    site.complain = { text in said.withLock { $0.append(text) } }
    try await desk.house.staff(site).test(.router) { client in
      let cookie = cookies(try await enter(client, from: "198.51.100.7"))
      for number in 0..<10 {
        let answer = try await enter(client, "anna", "guess", from: "203.0.113.\(number)")
        #expect(answer.status == .forbidden)
      }
      #expect(
        said.withLock { $0 } == [
          "10 failed sign-ins of anna to the staff's page, the last from 203.0.113.9; "
            + "ask whether they mistype: somebody may be guessing"
        ])
      #expect(
        try await enter(client, "anna", "guess", from: "203.0.113.99").status == .tooManyRequests)
      // Anna's browser was here before. That of somebody else is not hers.
      #expect(try await enter(client, from: "203.0.113.9", cookie: cookie).status == .seeOther)
      let other = try await enter(client, "berta", "guess", from: "203.0.113.9", cookie: cookie)
      #expect(other.status == .forbidden)
      desk.house.wait(10)
      #expect(try await enter(client, from: "192.0.2.1").status == .seeOther)
    }
  }

  @Test func `is guessed at no more by many names`() async throws {
    let desk = try Desk()
    let said = Mutex<[String]>([])
    var site = try desk.site()
    site.complain = { text in said.withLock { $0.append(text) } }
    site.staffBuckets = TokenBuckets(burst: 1000, perSecond: 1)
    try await desk.house.staff(site).test(.router) { client in
      for number in 0..<30 {
        let answer = try await enter(client, "name\(number)", from: "203.0.113.\(number)")
        #expect(answer.status == .forbidden)
      }
      #expect(try await enter(client, "one", from: "192.0.2.1").status == .tooManyRequests)
      // What strangers write stands in no alert.
      #expect(
        said.withLock { $0 }.map { $0.prefix(52) }
          == ["10 failed sign-ins under names that are nobody's to "])
    }
  }

  @Test func `has places for its own people while strangers take all of theirs`() async throws {
    let desk = try Desk()
    // As slow as a strong hash is on a small machine.
    let slow =
      "$6$rounds=400000$nordwind$" + String(repeating: "a", count: 86)
    try desk.write("anna:\(annasHash)\nberta:\(slow)\n")
    var site = try desk.site()
    site.loginLimits.byName = Buckets(burst: 1000, perSecond: 1)
    site.loginLimits.all = Buckets(burst: 1000, perSecond: 1)
    site.staffBuckets = TokenBuckets(burst: 1000, perSecond: 1)
    try await desk.house.staff(site).test(.router) { client in
      let cookie = cookies(try await enter(client))
      let answers = try await withThrowingTaskGroup(of: (Bool, HTTPResponse.Status).self) { tasks in
        for number in 0..<20 {
          tasks.addTask {
            (false, try await enter(client, "berta", "x", from: "203.0.113.\(number)").status)
          }
        }
        tasks.addTask {
          try await Task.sleep(for: .milliseconds(100))
          return (true, try await enter(client, cookie: cookie).status)
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.contains { !$0.0 && $0.1 == .serviceUnavailable })
      #expect(answers.first { $0.0 }?.1 == .seeOther)
    }
  }

  @Test func `takes no login from another page`() async throws {
    try await Desk().test { client in
      let form = try await client.execute(uri: "/staff/login", method: .get)
      let fields = body([
        "check": form.field("check") ?? "", "name": "anna", "password": "storm-surge",
      ])
      for cookie in ["", "sperrwerk-login=x", "sperrwerk-login=\"\u{1}", "sperrwerk-login"] {
        var headers = formType
        headers[.cookie] = cookie
        let answer = try await client.execute(
          uri: "/staff/login", method: .post, headers: headers, body: fields)
        #expect(answer.status == .forbidden && answer.text.contains("out of date"))
      }
    }
  }

  /// What somebody who is in sees of the first page.
  private func status(_ client: some TestClientProtocol, _ cookie: String) async throws
    -> HTTPResponse.Status
  {
    try await client.execute(uri: "/staff", method: .get, headers: [.cookie: cookie]).status
  }

  @Test func `is shut behind somebody who is struck from the file, or has a new password`()
    async throws
  {
    let desk = try Desk()
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      func status() async throws -> HTTPResponse.Status { try await self.status(client, cookie) }
      #expect(try await status() == .ok)
      try desk.write("berta:\(annasHash)\n")
      #expect(try await status() == .unauthorized)
    }
  }

  @Test func `stays open to who is in while the users' file is not well, or is being written`()
    async throws
  {
    let desk = try Desk()
    try await desk.test { client in
      let cookie = cookies(try await enter(client))
      func status() async throws -> HTTPResponse.Status { try await self.status(client, cookie) }
      try desk.write("anna:\(annasHash)\nberta:plain\n")
      #expect(try await status() == .ok)
      try FileManager.default.removeItem(atPath: desk.file)
      #expect(try await status() == .ok)
      try desk.write("")
      #expect(try await status() == .ok)
      try desk.write("anna:\(annasHash)\nberta:\(annasHash)\n")
      #expect(try await status() == .ok)
      // Two writes within a tick of the kernel's clock cannot be told apart.
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: desk.file)
      // Another password, in a line as long and in the same file.
      try Data("anna:\(annasHash.dropLast())e\nberta:\(annasHash)\n".utf8)
        .write(to: URL(fileURLWithPath: desk.file))
      #expect(try await status() == .unauthorized)
    }
  }

  @Test func `says nothing of the users' file to strangers where that is not well`() async throws {
    let desk = try Desk()
    try await desk.test { client in
      try desk.write("anna:plain\n")
      let answer = try await enter(client, "berta")
      #expect(answer.status == .serviceUnavailable)
      #expect(answer.text.contains("Nobody can sign in at the moment; whoever runs this server"))
      #expect(!answer.text.contains("anna") && !answer.text.contains(desk.file))
    }
  }

  @Test func `with TLS gives a cookie for TLS alone`() async throws {
    let desk = try Desk()
    let site = try desk.site { $0.staffURL = "https://staff.nordwind.example" }
    try await desk.house.staff(site).test(.router) { client in
      let given = try await enter(client).headers[values: .setCookie].joined()
      #expect(given.contains("__Host-sperrwerk=") && given.contains("Secure"))
    }
  }

  @Test(arguments: ["/staff", "/staff/case/1", "/staff/live"])
  func `is before every page`(path: String) async throws {
    let desk = try Desk()
    desk.openCase(1, "dora@suedlicht.example")
    try await desk.test { client in
      for cookie in ["", "sperrwerk=x", "sperrwerk=" + String(repeating: "a", count: 5000)] {
        let answer = try await client.execute(uri: path, method: .get, headers: [.cookie: cookie])
        #expect(answer.status == .unauthorized && !answer.text.contains("dora"))
      }
      let order = try await client.execute(
        uri: "/staff/do", method: .post, headers: formType,
        body: body(["command": "restore", "subject": "dora@suedlicht.example", "reason": "x"]))
      #expect(order.status == .unauthorized)
    }
    #expect(desk.house.state.withLock { $0.orders.isEmpty })
  }
}
