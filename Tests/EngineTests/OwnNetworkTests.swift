import Engine
import Events
import Testing

/// Behind a webmail server many work; what one of them does must not speak against the others.
@Suite struct `An address of our own` {
  private let webmail = "198.51.100.10"

  /// A login that always worked elsewhere, and then by webmail, where others mistype.
  private func story(_ who: String) -> Story {
    var story = Story()
    for day in 0..<4 {
      for _ in 0..<4 {
        let id = story.submit(who, from: "203.0.113.9")
        story.result(id, "freund@ziel\(day).example")
      }
      story.wait(86_400)
    }
    for name in 0..<12 {
      story.log(
        "postfix/submission/smtpd[1]",
        "warning: unknown[\(webmail)]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=konto\(name)@nordwind.example"
      )
      story.wait(10)
    }
    story.result(story.submit(who, from: webmail), "freund@ziel1.example")
    return story
  }

  @Test(arguments: [([], 1), (["198.51.100.0/24"], 0), (["192.0.2.1", "198.51.100.10"], 0)])
  func `is nobody's place, and tries nobody's password`(networks: [String], suspensions: Int) {
    var settings = Engine.Settings()
    settings.ownNetworks = networks.compactMap { AddressRange($0) }
    var engine = freshEngine(settings)
    Lines().feed(story("anna@nordwind.example").lines, to: &engine)
    #expect(engine.transitions.count { $0.action == .suspend } == suspensions)
    #expect(
      engine.transitions.allSatisfy { $0.action != .suspend || $0.policy == "credential-stuffing" })
  }
}
