import Crypto
import Events
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing
import Web

private func member(_ number: Int, _ name: String) -> IncidentReport.Member {
  var member = IncidentReport.Member(caseNumber: number, subject: name)
  member.stoppedAt = Instant(rfc3339: "2026-11-24T03:05:00Z")
  return member
}

@Suite struct `The contact form` {
  @Test func `shows what happened, in the visitor's language and time`() async throws {
    let house = House([member(7, "anna@nordwind.example"), member(9, "shop@nordwind.example")])
    try await house.form(house.site()).test(.router) { client in
      let path = "/r/\(house.token(7))"
      let english = try await client.execute(uri: path, method: .get)
      #expect(english.status == .ok)
      #expect(english.text.contains("On 24 Nov 2026, 04:05 we noticed"))
      #expect(english.text.contains("anna@nordwind.example"))
      #expect(english.text.contains("shop@nordwind.example"))
      #expect(english.text.contains("No new password seen yet"))
      let german = try await client.execute(
        uri: path, method: .get, headers: [.acceptLanguage: "fr, de-AT;q=0.9, en;q=0.8"])
      #expect(german.text.contains("Am 24.11.2026, 04:05 Uhr haben wir bemerkt"))
      #expect(german.text.contains("lang=\"de\""))
      let chosen = try await client.execute(
        uri: path + "?lang=en", method: .get, headers: [.acceptLanguage: "de"])
      #expect(chosen.text.contains("I have renewed the passwords"))
    }
  }

  @Test func `changes nothing when it is looked at`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    try await house.form(house.site()).test(.router) { client in
      let path = "/r/\(house.token(7))?renewed=yes&check=1"
      #expect(try await client.execute(uri: path, method: .get).status == .ok)
      let head = try await client.execute(uri: path, method: .head)
      #expect(head.status == .ok && head.body.readableBytes == 0)
    }
    #expect(house.state.withLock { $0.reported } == [])
  }

  @Test func `reports a renewal, and then shows what is still missing`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    try await house.form(house.site()).test(.router) { client in
      let path = "/r/\(house.token(7))"
      let check = try #require(try await client.execute(uri: path, method: .get).field("check"))
      let posted = try await client.execute(
        uri: path, method: .post, headers: formType, body: body(["check": check, "lang": "de"]))
      #expect(posted.status == .seeOther)
      #expect(posted.headers[.location] == path + "?lang=de")
      #expect(house.state.withLock { $0.reported } == [7])
      house.state.withLock { $0.incidents[7]!.members[0].isReported = true }
      let waiting = try await client.execute(uri: path, method: .get)
      #expect(waiting.text.contains("http-equiv=\"refresh\" content=\"10\""))
      #expect(waiting.text.contains("Thank you, we are checking"))
      #expect(!waiting.text.contains("<form"))
      house.state.withLock { $0.incidents[7]!.members[0].renewedAt = $0.time }
      let seen = try await client.execute(uri: path, method: .get)
      #expect(seen.text.contains("New password seen, 15 Jan 2027, 09:00"))
      house.state.withLock { $0.incidents[7]!.members[0].isOpen = true }
      let open = try await client.execute(uri: path, method: .get)
      #expect(open.text.contains("Sending is open again"))
      #expect(!open.text.contains("http-equiv"))
    }
  }

  @Test func `says when staff must decide`() async throws {
    var refused = member(7, "anna@nordwind.example")
    (refused.isReported, refused.needsStaff) = (true, true)
    let house = House([refused])
    try await house.form(house.site()).test(.router) { client in
      let page = try await client.execute(uri: "/r/\(house.token(7))", method: .get)
      #expect(page.text.contains("Our staff will look at it"))
      #expect(page.text.contains("Looked at by staff"))
      house.state.withLock { state in
        state.incidents[7]!.members[0].needsStaff = false
        state.incidents[7]!.members[0].isWaived = true
      }
      let waived = try await client.execute(uri: "/r/\(house.token(7))", method: .get)
      #expect(waived.text.contains("No new password needed"))
    }
  }

  @Test(
    arguments: [
      ["check": ""], ["check": "1.2"], ["check": "zzzzzz.abc"], [:],
      ["check": "of another token"],
    ] as [[String: String]])
  func `takes no report without its own hidden field`(fields: [String: String]) async throws {
    let house = House([member(7, "anna@nordwind.example")])
    try await house.form(house.site()).test(.router) { client in
      let path = "/r/\(house.token(7))"
      let other = FormCheck.text(for: house.token(7, life: 99), key: house.key, at: house.now)
      let check = fields["check"] == "of another token" ? other : fields["check"] ?? ""
      let posted = try await client.execute(
        uri: path, method: .post, headers: formType, body: body(["check": check]))
      #expect(posted.status == .forbidden)
      #expect(posted.text.contains("This form is out of date"))
    }
    #expect(house.state.withLock { $0.reported } == [])
  }

  @Test func `takes no report from another page, nor from one left open for days`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    try await house.form(house.site()).test(.router) { client in
      let path = "/r/\(house.token(7, life: 7 * 86_400))"
      let check = try #require(try await client.execute(uri: path, method: .get).field("check"))
      var headers = formType
      headers[HTTPField.Name("Sec-Fetch-Site")!] = "cross-site"
      let foreign = try await client.execute(
        uri: path, method: .post, headers: headers, body: body(["check": check]))
      #expect(foreign.status == .forbidden)
      house.wait(2 * 86_400)
      let late = try await client.execute(
        uri: path, method: .post, headers: formType, body: body(["check": check]))
      #expect(late.status == .forbidden)
    }
    #expect(house.state.withLock { $0.reported } == [])
  }

  @Test func `gives one answer to every token that is not valid`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    let expired = house.token(7, life: 10)
    house.wait(11)
    let foreign = FormToken(caseNumber: 7, notice: 1, expiry: house.now + TimeSpan(seconds: 99))
      .text(key: SymmetricKey(size: .bits256))
    let tokens = [
      expired, foreign, house.token(8), house.token(7).dropLast(9) + "AAAAAAAAA", "x", "..", "%00",
      "7.zzzz.AAAA", String(repeating: "a", count: 1500), "%F0%9F%98%80", "<b>",
      house.token(7) + "/x",
    ].map { "/r/\($0)" }
    try await house.form(house.site()).test(.router) { client in
      for method in [HTTPRequest.Method.get, .post] {
        let none = try await client.execute(
          uri: "/r/none", method: method, headers: formType, body: body(["check": "x"]))
        #expect(none.status == .notFound)
        for token in tokens {
          let answer = try await client.execute(
            uri: token, method: method, headers: formType, body: body(["check": "x"]))
          #expect(answer.status == .notFound, "\(token)")
          #expect(answer.text == none.text, "\(token)")
          #expect(answer.headers.count == none.headers.count, "\(token)")
        }
      }
    }
  }

  @Test(arguments: [HTTPRequest.Method.put, .delete, .patch, .options, .trace])
  func `knows no other method`(method: HTTPRequest.Method) async throws {
    let house = House([member(7, "anna@nordwind.example")])
    try await house.form(house.site()).test(.router) { client in
      let valid = try await client.execute(uri: "/r/\(house.token(7))", method: method)
      let none = try await client.execute(uri: "/r/none", method: method)
      #expect(valid.status == .notFound && valid.text == none.text)
    }
  }

  @Test func `refuses what is no form, or too long for one`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    try await house.form(house.site()).test(.router) { client in
      let path = "/r/\(house.token(7))"
      let json = try await client.execute(
        uri: path, method: .post, headers: [.contentType: "application/json"],
        body: ByteBuffer(string: "{}"))
      #expect(json.status == .unsupportedMediaType)
      let long = try await client.execute(
        uri: path, method: .post, headers: formType,
        body: ByteBuffer(repeating: UInt8(ascii: "a"), count: 9000))
      #expect(long.status == .contentTooLarge)
    }
  }

  @Test func `says so when the service does not answer`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    house.state.withLock { $0.isStuck = true }
    try await house.form(house.site()).test(.router) { client in
      let answer = try await client.execute(uri: "/r/\(house.token(7))", method: .get)
      #expect(answer.status == .serviceUnavailable)
      #expect(answer.headers[.retryAfter] == "30")
      #expect(answer.text.contains("Please try again in a minute"))
    }
  }

  @Test func `goes on looking by itself after it was refused for a while`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    var site = try house.site()
    site.formBuckets = TokenBuckets(burst: 3, perSecond: 0.01)
    try await house.form(site).test(.router) { client in
      func ask(_ path: String) async throws -> String {
        let answer = try await client.execute(uri: path, method: .get)
        return "\(answer.status.code) \(answer.headers[HTTPField.Name("Refresh")!] ?? "-")"
      }
      let path = "/r/\(house.token(7))"
      var answers = [try await ask(path)]
      house.state.withLock { $0.isStuck = true }
      answers.append(try await ask(path))
      // That there is nothing stays so; and too many are refused alike.
      for path in ["/r/none", path, "/r/none"] { answers.append(try await ask(path)) }
      #expect(answers == ["200 -", "503 30", "404 -", "429 30", "429 30"])
    }
  }

  @Test(arguments: hostile) func `shows hostile names as text`(name: String) async throws {
    let house = House([member(7, name)])
    try await house.form(house.site()).test(.router) { client in
      let page = try await client.execute(uri: "/r/\(house.token(7))", method: .get)
      expectHarmless(page.text)
    }
  }

  @Test func `keeps its address to itself, and runs nothing of others`() async throws {
    let house = House([member(7, "anna@nordwind.example")])
    let site = try house.site { $0.formURL = "https://form.nordwind.example" }
    try await house.form(site).test(.router) { client in
      for path in ["/r/\(house.token(7))", "/r/none", "/nowhere"] {
        let headers = try await client.execute(uri: path, method: .get).headers
        func value(_ name: String) -> String? { headers[HTTPField.Name(name)!] }
        #expect(value("Referrer-Policy") == "no-referrer")
        #expect(value("Cache-Control") == "no-store")
        #expect(value("X-Robots-Tag")?.contains("noindex") == true)
        #expect(value("X-Content-Type-Options") == "nosniff")
        #expect(value("X-Frame-Options") == "DENY")
        #expect(value("Strict-Transport-Security") != nil)
        let policy = try #require(value("Content-Security-Policy"))
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        #expect(value("Set-Cookie") == nil)
        #expect(value("Server") == nil)
      }
      let page = try await client.execute(uri: "/r/\(house.token(7))", method: .get).text
      // Nothing is taken from elsewhere, and nothing leads there.
      #expect(!page.contains("//") && !page.contains("<script") && !page.contains("style="))
    }
  }

  @Test func `serves its style, and tells robots to stay away`() async throws {
    let house = House()
    try await house.form(house.site()).test(.router) { client in
      let style = try await client.execute(uri: "/assets/style.css?v=1", method: .get)
      #expect(style.status == .ok && style.headers[.contentType]?.hasPrefix("text/css") == true)
      #expect(
        try await client.execute(uri: "/robots.txt", method: .get).text.contains("Disallow: /"))
    }
  }
}

/// No markup but ours, nothing hidden, nothing endless.
func expectHarmless(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) {
  for word in ["<script>", "<img", "<b>"] {
    #expect(!page.contains(word), sourceLocation: sourceLocation)
  }
  // By scalars: a browser knows no characters.
  let scalars = page.unicodeScalars
  let isHidden = scalars.contains { scalar in
    (scalar.value < 32 && scalar != "\n") || scalar.properties.generalCategory == .format
      || scalar.properties.generalCategory == .nonspacingMark
  }
  #expect(!isHidden, sourceLocation: sourceLocation)
  #expect(page.utf8.count < 60_000, sourceLocation: sourceLocation)
}
